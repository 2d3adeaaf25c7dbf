"""The page that people see who come without a chart."""

from flask import Blueprint

from sightline.web import templates
from sightline.web.parts import parts

blueprint = Blueprint("start", __name__)


@blueprint.get("/")
def page() -> str:
    """What Sightline is, and how to begin: from the chart, or by signing in to an EHR and choosing a patient there."""
    settings = parts().settings
    return templates.render("start/start.html", ehrs=settings.ehrs, site_name=settings.site_name)
