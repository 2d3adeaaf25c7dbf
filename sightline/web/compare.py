"""Two studies of one patient side by side: the current one and a prior, each under its date and how far it lies back.

In one viewer, where both are opened in the same one and it takes several studies at once; else in two frames, each with
a ticket of its own.
"""

from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from msgspec import Struct

from sightline import viewing
from sightline.audit_record import Action
from sightline.errors import CannotOpen, ChartClosed, SightlineError
from sightline.phrase import Phrase
from sightline.priors import Prior, priors
from sightline.settings import ViewerSettings
from sightline.study import Study
from sightline.time_between import earlier
from sightline.viewing import Opening
from sightline.web import (
    charts,
    choosing,
    entering,
    languages,
    list_address,
    new_tab,
    report_reading,
    templates,
    viewer,
)
from sightline.web.charts import Chart
from sightline.web.methods import deliberate_get_only
from sightline.web.parts import parts
from sightline.web.reading import study_among_all, study_named
from sightline.web.refusals import recorded_as
from sightline.web.rows import Row, row

blueprint = Blueprint("compare", __name__)
blueprint.before_request(deliberate_get_only)
blueprint.after_request(charts.renew_cookie)
blueprint.register_error_handler(ChartClosed, recorded_as(Action.OPEN))

_PRIORS_A_PAGE = 50
_CURRENT = Phrase("Current")


class Pane(Struct, frozen=True, gc=False):
    """A study and what it is called in the comparison: `Current`, or `Prior, 8 months earlier`."""

    row: Row
    heading: str
    is_prior: bool


class Stage(Struct, frozen=True, gc=False):
    """Where images are shown: a frame that `ticket` leads to, or, where that is empty, a way out of it by `tab`.

    `refused` is what a check found against a frame.
    """

    viewer: ViewerSettings[Any]
    program: str
    ticket: str
    tab: str
    refused: str


@blueprint.get("/s/<chart_id>/compare/<study_key>")
def choice(chart_id: str, study_key: str) -> Response:
    """Reads the list, finds what the study can be compared with, shows that, the most fitting first."""
    chart, address = charts.current(chart_id), list_address.of_request()
    current, offered, is_whole = _offered(chart, study_key)
    first = max(0, min(request.args.get("start", 0, int), len(offered) - 1))
    shown = {
        "current": row(chart, current),
        "priors": [(prior, row(chart, prior.study)) for prior in offered[first : first + _PRIORS_A_PAGE]],
        "is_whole": is_whole,
        "first": first,
        "total": len(offered),
        "a_page": _PRIORS_A_PAGE,
    }
    return make_response(templates.render("compare/priors.html", chart=chart, address=address, **shown))


@blueprint.get("/s/<chart_id>/compare/<one_key>/<other_key>")
def page(chart_id: str, one_key: str, other_key: str) -> Response:
    """Finds both studies in this chart, records that each is opened, shows them beside each other."""
    chart, address = charts.current(chart_id), list_address.of_request()
    studies = _studies(chart, one_key, other_key)
    each, both = _opened(chart, studies)
    apart = 1 if both and "apart" in request.args else None
    keys: dict[str, Any] = {"one_key": one_key, "other_key": other_key, "apart": apart}
    here = url_for("compare.page", chart_id=chart.id, **keys, **address.way_back)
    shown = {
        "panes": _panes(chart, *studies),
        "stages": [_stage(chart, opening) for opening in ((both,) if both and not apart else each)],
        "may_be_one": both is not None,
        "offers_reports": report_reading.may_be_asked(chart),
        "apart": apart,
        "again": here,
        **new_tab.tickets_to_page(chart, here),
        "back": url_for("studies.page", chart_id=chart.id, **address.way_back, _anchor=one_key),
    }
    return make_response(templates.render("compare/compare.html", chart=chart, address=address, **shown))


def _offered(chart: Chart, study_key: str) -> tuple[Study, list[Prior], bool]:
    """The study, what it can be compared with, and whether all of the patient's studies were read."""
    current, found = study_among_all(chart, study_key)
    return current, priors(current, found.studies.values(), parts().settings.time_zone), found.is_whole


def _studies(chart: Chart, one_key: str, other_key: str) -> tuple[Study, Study]:
    """Both of this chart, so of one patient; what is not is refused, and on the trail."""
    try:
        if one_key == other_key:
            raise CannotOpen("a study and itself", Phrase("These are one and the same study."))
        return study_named(chart, one_key), study_named(chart, other_key)
    except SightlineError as refusal:
        parts().trail.write(Action.OPEN, chart.audit_facts, refusal)
        raise


def _opened(chart: Chart, studies: tuple[Study, Study]) -> tuple[list[Opening], Opening | None]:
    """An opening for each study, and one for both where there is. Each study's record is written before."""
    choices = [choosing.for_study(chart, study) for study in studies]
    pairs = zip(studies, choices, strict=True)
    records = [chart.audit_facts | choosing.named(study) | choosing.facts(choice) for study, choice in pairs]
    openings = []
    for choice, facts in zip(choices, records, strict=True):
        try:
            openings.append(choosing.opened(choice))
        except CannotOpen as refusal:
            parts().trail.write(Action.OPEN, facts, refusal)
            raise
    for facts in records:
        parts().trail.write(Action.OPEN, facts)
    return openings, viewing.together(studies, openings, chart.patient)


def _panes(chart: Chart, one: Study, other: Study) -> tuple[Pane, Pane]:
    """In the order of the address, each called what the dates say; two that do not tell are called the same."""
    zone = parts().settings.time_zone
    before, after = earlier(one.started, other.started, zone), earlier(other.started, one.started, zone)
    headings = (_heading(before, after), _heading(after, before))
    return Pane(row(chart, one), headings[0], bool(before)), Pane(row(chart, other), headings[1], bool(after))


def _heading(before: str, after: str) -> str:
    """In the page's language, of one that is so much earlier than the other, or later, or neither."""
    if before:
        return languages.say(Phrase("Prior, %(how_far_back)s", how_far_back=before))
    return languages.say(_CURRENT) if after else ""


def _stage(chart: Chart, opening: Opening) -> Stage:
    refused = viewer.why_not_framed(chart, opening)
    if opening.framed and not refused:
        return Stage(opening.viewer, opening.program, viewer.frame_ticket(chart, opening), "", "")
    tab = new_tab.ticket_to_viewer(chart, entering.entrance(chart, opening), viewer.TICKET_SECONDS)
    return Stage(opening.viewer, opening.program, "", tab, refused)
