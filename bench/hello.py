"""Flask answering a constant."""

from flask import Flask

application = Flask(__name__)


@application.get("/")
def page() -> str:
    return "hello"
