"""The checks of web addresses and origins: https, or plain http on the loopback.

Nothing passes that two programs could read in two ways: Python's `urlsplit` drops line breaks and takes a backslash for
a letter where browsers see a slash, so such addresses are refused before it sees them.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sightline.settings.checks import text
from sightline.settings.mistakes import Wrong

Network = IPv4Network | IPv6Network

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PRIVATE: tuple[Network, ...] = (
    ip_network("10.0.0.0/8"),  # RFC 1918
    ip_network("172.16.0.0/12"),
    ip_network("192.168.0.0/16"),
    ip_network("100.64.0.0/10"),  # RFC 6598
    ip_network("fc00::/7"),  # RFC 4193
)
"""What a network of one's own can be numbered with."""
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
URL_SIGNS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")  # RFC 3986, 2


def web_address(value: Any) -> str:
    """An absolute URL without query, as it was written: https, or http on the loopback; no user, no fragment."""
    _parts(value)
    if "?" in value:
        raise Wrong("has a query", "the address up to the question mark")
    return str(value)


def web_address_or_query(value: Any) -> str:
    """As `web_address`, but a query is allowed: some authorization servers have one in the address of their keys."""
    _parts(value)
    return str(value)


def origin(value: Any) -> str:
    """A web origin (RFC 6454): scheme, host, and the port if it is not the usual one, in small letters."""
    parts = _parts(value)
    plain = origin_of(value)
    if parts.path or "?" in value:
        raise Wrong("is more than an origin", plain)
    return plain


def origin_of(url: str) -> str:
    """The origin of a URL, as a browser writes it (RFC 6454, 6.2); empty, which equals no origin, where it has none.

    It is empty too where a browser and urllib3 would go to another host than `urlsplit` reads, as in `http://a\\@b/`.
    """
    if "\\" in url or not url.isprintable():
        return ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        shown = f"[{ip_address(host)}]" if ":" in host else host
    except ValueError:
        return ""
    if not host or parts.scheme not in DEFAULT_PORTS:
        return ""
    return f"{parts.scheme}://{shown}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def private_network(value: Any) -> Network:
    """A network in CIDR notation, within the ranges that are for private use."""
    try:
        network = ip_network(text(value))
    except Wrong:
        raise
    except ValueError:
        raise Wrong("is not a network", "an address and a length such as 10.20.0.0/16, zeros in what is left") from None
    if not any(network[0] in own and network[-1] in own for own in PRIVATE):
        raise Wrong("is not private", f"a network within {', '.join(map(str, PRIVATE))}")
    return network


def http_proxy(value: Any) -> str:
    """The origin of a proxy that is itself spoken to by plain http."""
    parts = _parts(value, plain=True)
    if parts.scheme != "http" or parts.path or "?" in value:
        raise Wrong("is not the address of an http proxy", "http://host:port")
    return origin_of(value)


def host_and_port(value: Any) -> tuple[str, int]:
    """A server that is no web server: `host:port`, an IPv6 address in brackets."""
    host, _, port = text(value).rpartition(":")
    in_brackets = host.startswith("[") and host.endswith("]")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise Wrong("names no port", "host:port, such as audit.hospital.example:6514")
    plain = host[1:-1] if in_brackets else host.lower()
    if not _is_host(plain, in_brackets):
        raise Wrong("has no readable host", "host:port, such as audit.hospital.example:6514")
    return plain, int(port)


def invoke_image_display(value: Any) -> str:
    """The address of an Image Display: IHE RAD-106 4.106.4.1.2 fixes how its path ends."""
    address = web_address(value)
    if not address.endswith("/IHEInvokeImageDisplay"):
        raise Wrong("does not end in /IHEInvokeImageDisplay", f"{address.rstrip('/')}/IHEInvokeImageDisplay")
    return address


def _parts(value: Any, plain: bool = False) -> SplitResult:
    """The parts of a URL with a plain host, no user and no fragment: https; http on the loopback, or if `plain`."""
    if not URL_SIGNS.fullmatch(text(value)):
        raise Wrong("holds a sign that no URL has", "letters as in a browser's address line; others as %xx or xn--")
    try:
        parts: SplitResult = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Wrong("is not a URL", "https://host or https://host:port") from None
    if "#" in value:
        raise Wrong("has a fragment", "the address up to the #")
    if "@" in parts.netloc:
        raise Wrong("names a user", "the address without what stands before the @")
    if parts.scheme not in DEFAULT_PORTS or port == 0 or parts.netloc.endswith(":"):
        raise Wrong("is not a URL of http or https", "https://host or https://host:port")
    if not _is_host(host, in_brackets=parts.netloc.startswith("[")):
        raise Wrong("has no readable host", "https://host or https://host:port, without wildcards")
    if parts.scheme == "http" and not plain and not on_loopback(host):
        raise Wrong("is not https", "https://…; plain http only on localhost, 127.0.0.1 or [::1]")
    return parts


def _is_host(host: str, in_brackets: bool) -> bool:
    return ":" in host and _is_ip(host) if in_brackets else HOST.fullmatch(host) is not None


def _is_ip(host: str) -> bool:
    try:
        return "%" not in host and ip_address(host) is not None
    except ValueError:
        return False


def on_loopback(host: str) -> bool:
    """Whether this host, a name or an address without brackets, is this very machine."""
    return host == "localhost" or (_is_ip(host) and any(ip_address(host) in network for network in LOOPBACK))
