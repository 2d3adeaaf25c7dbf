"""The kinds of viewer. A kind is a function (study, viewer settings) -> the address that opens the study there.

It builds the address out of the viewer's configured one and nothing else: data never names the place to go to.
It raises CannotOpen, with a sentence for people, where this kind cannot be asked for this study.
"""

from collections.abc import Callable

from sightline.settings import ViewerSettings
from sightline.study import Study
from sightline.viewers import iid

KINDS: dict[str, Callable[[Study, ViewerSettings], str]] = {
    "iid": iid.url,
}
