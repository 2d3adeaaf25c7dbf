"""What is known of the request being answered, whoever asks: it goes into every record of the audit trail."""

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network

from flask import has_request_context, request

from sightline.web.error_pages import reference

# Some proxies add the port: `192.0.2.7:50123`, `[2001:db8::7]:50123`.
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+")
_LONGEST = 100  # an IPv6 address with a zone, in brackets and with a port, is shorter
_IPV6_NETWORK = 64  # what one house gets; whoever has one may take any address in it


def of_request() -> dict[str, str]:
    """Fields of an audit record; none outside of a request."""
    if not has_request_context():
        return {}
    return {"request": reference(), "browser": plain_address(request.remote_addr or "")}


def network() -> str:
    """The network that the request came from: an IPv4 address, the first of an IPv6 house, "-" for what is none."""
    address = plain_address(request.remote_addr or "")
    if not address:
        return "-"
    return str(ip_network((address, _IPV6_NETWORK), strict=False)) if ip_address(address).version == 6 else address


def plain_address(text: str) -> str:
    """The IP address alone; empty for what is none, which only a proxy that passes on anything can send."""
    return _plain_address(text) if len(text) <= _LONGEST else ""


@lru_cache(256)
def _plain_address(text: str) -> str:
    found = _WITH_PORT.fullmatch(text.strip())
    try:
        return str(ip_address((found["v6"] or found["v4"]) if found else text.strip()))
    except ValueError:
        return ""
