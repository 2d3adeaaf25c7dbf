"""Our cookies: the key of a launch under way, the key of a chart, and the mark that cookies are kept here at all.

The key of a chart is sent to that chart's path only. The others are for the whole host, so that on https they can be
`__Host-` cookies, which no neighbour on a domain above ours can plant (RFC 6265bis section 4.1.3): a planted key of a
launch would be somebody else's sign-in.

On https all are what a frame on another site needs: `Secure; SameSite=None; Partitioned` (CHIPS). Plain http is served
on the loopback only: there Safari refuses `Secure` cookies, and EHR and app are one site, so that `SameSite=Lax` ones
reach the frame.
"""

from flask import Response, request

from sightline.web.parts import parts


def put(response: Response, name: str, value: str, path: str, seconds: int) -> None:
    """Sets the cookie; with `seconds` 0 removes it."""
    secure = parts().settings.secure
    response.set_cookie(
        _named(name, path),
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        secure=secure,
        samesite="None" if secure else "Lax",
        partitioned=secure,
    )


def value(name: str, path: str = "") -> str:
    """The value of the cookie of this request that was set for "/", or for a path of its own; empty if none came."""
    return request.cookies.get(_named(name, path), "")


def _named(name: str, path: str) -> str:
    if not parts().settings.secure:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"
