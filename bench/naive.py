"""The obvious build of the same page: Flask and its session, fhirclient's server and models, Flask-Babel, Jinja.

Written as a team that knows these means would on its first day, with no thought of speed and none of slowness. Of the
same patient and studies it says word for word what Sightline's list page says, in the same four languages, with the
same filter, orders, years, pages and links (`tests/test_bench.py`). Catalogues and templates are kept as the libraries
do by themselves.

It leaves out what makes Sightline safe (the sealed chart, whose study it is, the audit record, strict headers, the kept
list, tokens in forms), what the measured chart has no need of (reports, several sources or viewers, dates of other
precisions, large numbers in groups of three digits, a list that leaves while it is being read), and the pages behind
its links.
"""

from datetime import date, timedelta
from pathlib import Path

from flask import Flask, redirect, render_template, request, session, url_for
from flask_babel import Babel, get_locale
from werkzeug.wrappers import Response

from bench import models, naive_dates
from bench.naive_list import ORDERS, PERIODS, ROWS_A_PAGE, Listing

_ROOT = Path(__file__).parent.parent
_LANGUAGES = ("en", "de", "fr", "es")
_ASKED = ("type", "body_part", "period", "text", "sort", "hidden", "keys", "page")
_BEHIND_LINKS = {
    "images": "/view/<key>",
    "details": "/study/<key>",
    "all_images": "/all-images",
    "time_left": "/time-left",
    "still_there": "/still-there",
    "stay": "/stay",
    "sign_out": "/sign-out",
}

application = Flask(__name__, template_folder="templates/naive", static_folder=_ROOT / "static")
application.secret_key = "for measuring only"
application.permanent_session_lifetime = timedelta(minutes=15)
application.jinja_env.globals.update(get_locale=get_locale, orders=ORDERS, periods=PERIODS, rows_a_page=ROWS_A_PAGE)
application.add_template_filter(naive_dates.shown)
Babel(
    application,
    default_translation_directories=str(_ROOT / "translations"),
    locale_selector=lambda: request.accept_languages.best_match(_LANGUAGES),
)


@application.get("/launch")
def launch() -> Response:
    """Leaves in the session what a launch would: whose chart is open, for whom, and what may be seen."""
    session.permanent = True
    session["patient"] = {"id": "ada", "name": "LINDQVIST, Ada", "born": "1951-07-14", "sex": "Female"}
    session["patient"]["number"] = "SB-1001"
    session["user"], session["scope"] = "7", "patient/ImagingStudy.rs patient/Patient.r"
    return redirect(url_for("page"))


@application.get("/")
def page() -> str:
    """Reads the address, asks for the studies, shows the part of them that is asked for."""
    asked = {name: request.args.get(name, "") for name in _ASKED}
    patient = session["patient"]
    born = date.fromisoformat(patient["born"])
    return render_template(
        "list.html",
        patient=patient,
        born=naive_dates.shown_day(born),
        age=naive_dates.age(born),
        listing=Listing(models.ask(patient["id"]), asked),
        asked=asked,
        here={name: value for name, value in asked.items() if value and (name, value) != ("page", "1")},
        part={name: value for name, value in asked.items() if value and name != "page"},
        seconds=application.permanent_session_lifetime.total_seconds(),
    )


@application.template_filter()
def begun(words: str) -> str:
    """The words as they begin a line; Jinja's own `capitalize` makes German nouns small."""
    return words[:1].upper() + words[1:]


def _not_built(**_: str) -> str:
    return ""


for _name, _address in _BEHIND_LINKS.items():
    application.add_url_rule(_address, _name, _not_built)
