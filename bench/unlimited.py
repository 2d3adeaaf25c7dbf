"""Sightline itself, for a program that asks one chart for more than any person could look at."""

from app import create_app
from sightline.audit_record import Action
from sightline.web import pace, templates

pace.MOST_A_MINUTE = dict.fromkeys(Action, 1_000_000)

application = create_app()
templates.compile_ahead(application)
