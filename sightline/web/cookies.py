"""The two cookies: one for a launch under way, one for a chart. Each holds a key and is sent to its own path only.

On https they are what a frame on another site needs: `Secure; SameSite=None; Partitioned` (CHIPS). Plain http is served
on the loopback only: there Safari refuses `Secure` cookies, and EHR and app are one site, so that `SameSite=Lax` ones
reach the frame.
"""

from flask import Response, request

from sightline.web.parts import parts


def put(response: Response, name: str, value: str, path: str, seconds: int) -> None:
    """Sets the cookie; with `seconds` 0 removes it."""
    secure = parts().settings.secure
    response.set_cookie(
        _named(name),
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        secure=secure,
        samesite="None" if secure else "Lax",
        partitioned=secure,
    )


def value(name: str) -> str:
    """The cookie's value; empty where the browser sent none."""
    return request.cookies.get(_named(name), "")


def _named(name: str) -> str:
    return f"__Secure-{name}" if parts().settings.secure else name
