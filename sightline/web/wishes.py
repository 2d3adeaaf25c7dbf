"""How an EHR that asked by Invoke Image Display wished to see images, and what has become of that in a viewer."""

from typing import Any

from flask import request

from sightline.invoked import NO_WISHES, Wishes
from sightline.phrase import Phrase
from sightline.study import Study
from sightline.viewing import Opening
from sightline.web.charts import Chart


def wished(chart: Chart, study: Study | None = None) -> Wishes:
    """Of studies that the EHR named those alone are wished for so; of a patient each study, and all images.

    That only key images are wished for is left aside by `whole=1` of the address.
    """
    context = chart.row.context
    if context.studies and not (study and any(reference.names(study) for reference in context.studies)):
        return NO_WISHES
    wishes = context.invoked.wishes
    return Wishes(False, wishes.diagnostic_quality) if "whole" in request.args else wishes


def in_words(wishes: Wishes, opening: Opening) -> dict[str, Any]:
    """`key_images_only`: that only those are asked for; `not_passed_on`: what the viewer cannot be asked for."""
    asked, viewer = opening.wanted, opening.viewer.title
    limited = Phrase("As the EHR asked, %(viewer)s was asked for key images only.", viewer=viewer)
    all_open = Phrase(
        "The EHR asked for key images only. %(viewer)s cannot be asked for that: all images open.", viewer=viewer
    )
    any_quality = Phrase("The EHR asked for diagnostic quality. %(viewer)s cannot be asked for that.", viewer=viewer)
    unmet = (
        (wishes.key_images_only and not asked.key_images_only, all_open),
        (wishes.diagnostic_quality and not asked.diagnostic_quality, any_quality),
    )
    return {
        "key_images_only": limited if asked.key_images_only else "",
        "not_passed_on": [words for is_unmet, words in unmet if is_unmet],
    }
