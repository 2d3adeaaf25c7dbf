"""A bare table of the studies by Flask, its session, fhirclient's models and an ordinary template: less than the page.

What `naive` was before it was the same page; kept so that figures stay comparable over time. It has no patient line,
filter, order, years, words in other languages, nor words for screen readers, and each study has one link.
"""

from flask import Flask, render_template, session

from bench import models

application = Flask(__name__, template_folder="templates")
application.secret_key = "for measuring only"


@application.get("/")
def page() -> str:
    session["patient"] = "ada"
    return render_template("bare/list.html", studies=models.ask(session["patient"]))


@application.get("/open/<uid>")
def opened(uid: str) -> str:
    return uid
