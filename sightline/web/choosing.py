"""Which viewer is opened in this chart, and why: at a glance for a row of the list, with all that is known to open it.

The page's Details, the log and the trail say the same of it.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from flask import g, request

from sightline import viewing
from sightline.authorization import Authorization
from sightline.errors import CannotOpen, CannotOpenAll
from sightline.filtering import Filter
from sightline.invoked import NO_WISHES, Wishes
from sightline.modality import codes
from sightline.phrase import Phrase
from sightline.rules import Situation
from sightline.settings import ViewerSettings
from sightline.study import Study
from sightline.viewers import as_taken
from sightline.viewers.contract import Wanted
from sightline.viewing import Choice, Glance, Opening
from sightline.web import languages, list_address
from sightline.web.charts import Chart
from sightline.web.endpoints import addresses_of
from sightline.web.error_pages import reference
from sightline.web.parts import parts

_log = logging.getLogger("sightline")

ONLY_SOME = Phrase("The EHR permitted only some kinds of imaging, and a viewer would show all of them.")


def by_hand() -> str:
    """The viewer that the address names (`?viewer=`), empty where it names none. Raises CannotOpen for one too many."""
    named = request.args.getlist("viewer")
    if len(named) > 1 or named == [""]:
        raise CannotOpen("not one viewer", Phrase("The address names no viewer, or more than one."))
    return named[0] if named else ""


def glances(chart: Chart) -> Callable[[Study], Glance]:
    """What tells how each study of a list of this chart can be opened: nothing is asked for."""
    return viewing.glances(chart.ehr, chart.patient, parts().settings)


def for_study(chart: Chart, study: Study, viewer: str = "", wishes: Wishes = NO_WISHES) -> Choice:
    """By all that is known, addresses that have to be read first included; or this very viewer. Raises CannotOpen."""
    found, footnotes = addresses_of(chart, study)
    at = Situation(study, chart.ehr, found, chart.patient, footnotes, wishes)
    return viewing.choose(at, parts().settings, viewer)


def for_patient(chart: Chart, filter_: Filter, viewer: str = "", wishes: Wishes = NO_WISHES) -> Choice | None:
    """For all images of the chart's patient that this filter of the list lets through, text and body part aside.

    None where no viewer takes patients. Raises CannotOpen.
    """
    settings = parts().settings
    earliest = filter_.earliest(time.time(), settings.time_zone)
    wanted = Wanted(
        patient=chart.patient,
        earliest=earliest,
        modalities=codes(filter_.type),
        key_images_only=wishes.key_images_only,
        diagnostic_quality=wishes.diagnostic_quality,
    )
    return viewing.choose_for_patient(wanted, chart.ehr, settings, viewer)


def refusal_of_all(authorization: Authorization) -> str:
    """Why no viewer may be asked for all images of a chart's patient, in a sentence; empty where one may.

    `authorization` is the chart's. Raises SignInEnded or NotAllowed where no images may be opened at all.
    """
    authorization.header()
    return "" if authorization.covers_all else ONLY_SOME


def takes_all_images(chart: Chart, viewer: ViewerSettings[Any]) -> bool:
    """Whether this very viewer can be asked for all images of the chart's patient."""
    choice = for_patient(chart, Filter(), viewer.name)
    return choice is not None and not choice.obstacle and not refusal_of_all(chart.authorization)


def asked_limits() -> Filter:
    """The part of all images that the address asks for: the list's filter, or with `whole=1` no limit at all."""
    return Filter() if "whole" in request.args else list_address.of_request().filter


def whole_or_not() -> dict[str, int]:
    """The argument of the address by which the list's filter is left aside, if this one has it."""
    return {"whole": 1} if "whole" in request.args else {}


def limits_in_words(choice: Choice, filter_: Filter) -> str:
    """What of the filter the viewer is really asked for, in the page's words: `CT, last year`; empty for all images."""
    asked = as_taken(choice.wanted, choice.viewer)
    taken = Filter(filter_.type if asked.modalities else "", filter_.period if asked.earliest else "")
    return ", ".join(map(languages.say, taken.parts))


def opened(choice: Choice) -> Opening:
    """The opening in the viewer that was chosen. Raises CannotOpen, and the page then has the whole choice to show.

    Why it was this viewer stands in the log, behind the reference of the request.
    """
    try:
        opening = choice.opening
    except CannotOpen as refusal:
        g.choice = choice
        kind = CannotOpen if choice.wanted.studies else CannotOpenAll
        raise kind(f"{refusal.detail}; {choice.trace}", refusal.sentence) from refusal
    _log.info("%s %s: %s", reference(), request.endpoint, choice.trace)
    return opening


def named(study: Study) -> dict[str, str]:
    """A study's fields of the audit record."""
    return {"study": study.reference, "study_uid": study.uid or "", "accession": study.accession or ""}


def facts(choice: Choice) -> dict[str, str]:
    """The viewer's fields of the audit record."""
    return {"viewer": choice.viewer.name, "viewer_origin": choice.viewer.origin}
