"""What is known of the request being answered, whoever asks: it goes into every record of the audit trail."""

import re
from ipaddress import ip_address

from flask import has_request_context, request

from sightline.web.error_pages import reference

# Some proxies add the port: `192.0.2.7:50123`, `[2001:db8::7]:50123`.
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+")


def of_request() -> dict[str, str]:
    """Fields of an audit record; none outside of a request."""
    if not has_request_context():
        return {}
    return {"request": reference(), "browser": plain_address(request.remote_addr or "")}


def plain_address(text: str) -> str:
    """The IP address alone; empty for what is none, which only a proxy that passes on anything can send."""
    found = _WITH_PORT.fullmatch(text.strip())
    try:
        return str(ip_address((found["v6"] or found["v4"]) if found else text.strip()))
    except ValueError:
        return ""
