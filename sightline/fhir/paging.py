"""Next links, under guard: a Bundle must not decide where the token goes, nor keep us reading for ever."""

import re
from urllib.parse import unquote, urljoin, urlsplit

from sightline.errors import SourceFailed
from sightline.settings.addresses import origin_of


def followed(current: str, link: str, base: str, seen: set[str]) -> str:
    """The next page's address: absolute, relative to `current`, on the base's origin, below its path, not yet `seen`.

    Raises SourceFailed where the link leaves the server or its base (many tenants share a host), or goes in a circle.
    """
    try:
        url = urljoin(current, link)
    except ValueError as cause:
        raise SourceFailed("the next page's link is no URL") from cause
    if origin_of(url) != origin_of(base) or not _is_below(url, base):
        raise SourceFailed(f"the next page's link leads away from the FHIR server, to {origin_of(url)[:100]}")
    if url in seen:
        raise SourceFailed("the next page's link leads back to a page already read")
    return url


def _is_below(url: str, base: str) -> bool:
    path = urlsplit(url).path
    # `%2e%2e` and `..;x` are ways up too: servers decode the one and drop the other's end.
    climbs = any(part.split(";")[0] == ".." for part in re.split(r"[/\\]", unquote(path)))
    return not climbs and (path + "/").startswith(urlsplit(base).path + "/")
