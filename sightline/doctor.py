"""Use case: is every viewer there, and may it stand in our frame inside the EHR's? Asked before a clinician does.

Only the base address of a viewer is asked for, without any study or patient in it: an IID request might be audited as
somebody's looking at images. All checks run, whatever the first one finds.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from sightline import framing
from sightline.errors import SourceError
from sightline.outbound import Answer, Door
from sightline.settings import Settings, ViewerSettings
from sightline.settings.addresses import PRIVATE, origin_of


class Grade(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(Struct, frozen=True):
    """What one check of one viewer found, and what to do about it (empty where it is well)."""

    viewer: str
    check: str
    grade: Grade
    what: str
    fix: str = ""


def findings(settings: Settings, door: Door) -> Iterator[Finding]:
    """What every check found, viewer by viewer, as it is found."""
    ancestors = sorted({origin for ehr in settings.ehrs for origin in ehr.frame_ancestors})
    for viewer in settings.viewers:
        yield from _of_viewer(viewer, (origin_of(settings.public_url), *ancestors), door)


def base_address(viewer: ViewerSettings[Any]) -> str:
    """The folder that the viewer's address lies in: nothing of a request, and nothing that names a study."""
    folder = viewer.address.split("?")[0].split("{")[0].rpartition("/")[0]
    return f"{folder}/" if len(folder) > len("https://") else f"{viewer.origin}/"


def base_page(viewer: ViewerSettings[Any], door: Door) -> Answer:
    """What the viewer answers there. Raises SourceError."""
    return door.send("GET", base_address(viewer), origins=(viewer.origin,), networks=PRIVATE)


def _of_viewer(viewer: ViewerSettings[Any], ancestors: tuple[str, ...], door: Door) -> Iterator[Finding]:
    if viewer.open == "program":
        yield Finding(viewer.name, "answer", Grade.OK, "It is a program on the user's own computer: nothing to ask.")
        return
    address = base_address(viewer)
    yield _transport(viewer, address)
    try:
        answer = base_page(viewer, door)
    except SourceError as failure:
        yield _no_answer(viewer, address, failure)
        return
    yield _status(viewer, address, answer)
    yield _framing(viewer, answer, ancestors)


def _transport(viewer: ViewerSettings[Any], address: str) -> Finding:
    if address.startswith("https:"):
        return Finding(viewer.name, "transport", Grade.OK, "It is asked by https.")
    what, fix = "It is asked by plain http, on this machine only.", "https, before any patient's images are opened."
    return Finding(viewer.name, "transport", Grade.WARN, what, fix)


def _no_answer(viewer: ViewerSettings[Any], address: str, failure: SourceError) -> Finding:
    """A redirect may be the way to a sign-in, which frames often stop; anything else keeps the images away."""
    if failure.detail.startswith("redirect"):
        what = f"{address} answers with a {failure.detail.split(',')[0]}. It was not followed."
        fix = 'Open it in the EHR once. If the frame stays empty, set open = "tab": sign-in pages mostly refuse frames.'
        return Finding(viewer.name, "answer", Grade.WARN, what, fix)
    if "SSLError" in failure.detail or "certificate" in failure.detail:
        what = f"{viewer.origin} speaks no TLS, or its certificate cannot be trusted."
        fix = "A certificate for that name, not expired, from an authority that this machine knows."
        return Finding(viewer.name, "answer", Grade.FAIL, what, fix)
    what = f"{address} did not answer: {failure.detail}."
    return Finding(viewer.name, "answer", Grade.FAIL, what, "Check address, network and firewall, and that it runs.")


def _status(viewer: ViewerSettings[Any], address: str, answer: Answer) -> Finding:
    what = f"{address} answers with HTTP {answer.status}."
    if answer.status >= 500:
        return Finding(viewer.name, "answer", Grade.FAIL, what, "Ask the people who look after the viewer.")
    if answer.status in (401, 403):
        fix = "Nothing, if users sign in to it by themselves; else ask for single sign-on."
        return Finding(viewer.name, "answer", Grade.WARN, what, fix)
    # An image display need not have a page there; that something answers is all that is asked.
    return Finding(viewer.name, "answer", Grade.OK, what)


def _framing(viewer: ViewerSettings[Any], answer: Answer, ancestors: tuple[str, ...]) -> Finding:
    refused = framing.refusal(answer.headers, viewer.origin, ancestors)
    if not viewer.may_be_framed:
        return Finding(viewer.name, "framing", Grade.OK, "It opens outside of the frame.")
    if not refused and answer.status >= 400 and not framing.is_stated(answer.headers):
        what = "Its error page may be framed; its images may still refuse to be."
        return Finding(viewer.name, "framing", Grade.WARN, what, "Open a study in it once, in the EHR.")
    if not refused:
        return Finding(viewer.name, "framing", Grade.OK, "It lets Sightline and every EHR frame it.")
    policy = f"let it send: Content-Security-Policy: frame-ancestors {' '.join(ancestors)}"
    if viewer.gives_way:
        what = f"It refuses to be framed: {refused}. Where that shuts it out, it opens in a tab of its own."
        return Finding(viewer.name, "framing", Grade.WARN, what, f"Nothing, if a tab will do; or {policy}")
    what = f"It refuses to be framed: {refused}."
    return Finding(viewer.name, "framing", Grade.FAIL, what, f'open = "tab" or "auto" for this viewer; or {policy}')
