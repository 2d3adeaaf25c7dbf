"""May this page be framed by those? What a browser decides by the headers of the framed page's answer.

`frame-ancestors` (CSP Level 3, 6.4.2) is held against every page above the frame, not only the next one; where it is
there, `X-Frame-Options` (HTML Standard, 7.7) does not count. A browser also has cookies and a network of its own: what
is found here is likely, not certain.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from sightline.phrase import Phrase

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_SOURCE = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}|\*))?(/.*)?"
)


def refusal(headers: Mapping[str, str], own_origin: str, ancestors: Iterable[str]) -> str:
    """Why one of `ancestors` may not frame this answer, with the header that says so; empty where all of them may."""
    policies = [_frame_ancestors(policy) for policy in headers.get("Content-Security-Policy", "").split(",")]
    stated = [sources for sources in policies if sources is not None]
    for ancestor in ancestors:
        for sources in stated:
            if not any(_matches(source, ancestor, own_origin) for source in sources):
                stating = " ".join(("frame-ancestors", *sources))
                return Phrase("%(policy)s leaves out %(origin)s", policy=stating, origin=ancestor)
    if stated:
        return ""
    options = {word.strip().upper() for word in headers.get("X-Frame-Options", "").split(",")}
    known = options & {"DENY", "SAMEORIGIN", "ALLOWALL"}
    if "DENY" in known or (known and len(options) > 1):  # one beside anything else is read as DENY
        return Phrase("X-Frame-Options refuses every frame")
    if "SAMEORIGIN" in known and any(ancestor != own_origin for ancestor in ancestors):
        return Phrase("X-Frame-Options SAMEORIGIN leaves out every other origin")
    return ""


def is_stated(headers: Mapping[str, str]) -> bool:
    """Whether the answer says at all who may frame it."""
    policies = headers.get("Content-Security-Policy", "").split(",")
    return any(_frame_ancestors(policy) is not None for policy in policies) or "X-Frame-Options" in headers


def _frame_ancestors(policy: str) -> tuple[str, ...] | None:
    """The sources of the first such directive in a policy, in small letters; None where there is none."""
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        if name.lower() == "frame-ancestors":
            return tuple(source.lower() for source in sources)
    return None


def _matches(source: str, origin: str, own_origin: str) -> bool:
    """Whether a source expression names an origin (CSP Level 3, 6.7.2.8)."""
    parts = urlsplit(origin)
    if source in ("*", "'self'"):
        return source == "*" or origin == own_origin
    if source.endswith(":"):
        return _scheme_fits(source[:-1], parts.scheme)
    found = _HOST_SOURCE.fullmatch(source)
    if found is None:
        return False
    scheme, host, port, _ = found.groups()
    own_scheme = scheme or urlsplit(own_origin).scheme
    return (
        _scheme_fits(own_scheme, parts.scheme) and _host_fits(host, parts.hostname or "") and _port_fits(port, origin)
    )


def _scheme_fits(asked: str, scheme: str) -> bool:
    return asked == scheme or (asked, scheme) == ("http", "https")


def _host_fits(asked: str, host: str) -> bool:
    return asked in ("*", host, f"[{host}]") or (asked.startswith("*.") and host.endswith(asked[1:]))


def _port_fits(asked: str | None, origin: str) -> bool:
    parts = urlsplit(origin)
    usual = _DEFAULT_PORTS[parts.scheme]
    return asked == "*" or (parts.port or usual) == int(asked or usual)
