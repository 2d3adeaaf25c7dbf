"""Use case: a study and a viewer -> the address to open, or the reason in words why it cannot be opened."""

from msgspec import Struct

from sightline.errors import CannotOpen
from sightline.settings import ViewerSettings
from sightline.study import Status, Study
from sightline.viewers import KINDS

_NOT_OPENED = {
    Status.REGISTERED: "No images have arrived yet.",
    Status.CANCELLED: "No images were made.",
    Status.ENTERED_IN_ERROR: "This record should not exist.",
}


class Opening(Struct, frozen=True, gc=False):
    """How a study is opened: the viewer, the address in it, and whether it stands in a frame below our strip."""

    viewer: ViewerSettings
    url: str

    @property
    def framed(self) -> bool:
        return self.viewer.open == "frame"


def opening(study: Study, viewer: ViewerSettings) -> Opening:
    """Raises CannotOpen, with the reason, for a study without images yet or that this viewer cannot be asked for."""
    if study.status in _NOT_OPENED:
        raise CannotOpen(f"status {study.status}", _NOT_OPENED[study.status])
    if study.availability == "UNAVAILABLE":
        raise CannotOpen("availability UNAVAILABLE", "The archive says that its images are not available.")
    return Opening(viewer, KINDS[viewer.kind](study, viewer))


def obstacle(study: Study, viewer: ViewerSettings) -> str:
    """Why the study cannot be opened, as one sentence; empty where it can."""
    try:
        opening(study, viewer)
    except CannotOpen as reason:
        return reason.sentence
    return ""
