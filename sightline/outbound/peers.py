"""To which addresses Sightline may speak. A name proves nothing: it can resolve to anything, each time anew.

So the address of the connected socket is judged, before a byte of ours is sent. One inside another (IPv4 in IPv6,
NAT64, 6to4) is judged by the one that is meant.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sightline.settings.addresses import Network

_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052


def may_be_spoken_to(address: str, networks: tuple[Network, ...], *, loopback: bool) -> bool:
    """Whether `address`, as a connected socket gives it, is a server's: global, or on one of these private `networks`.

    The loopback is only where the settings themselves say `loopback`; link-local (where clouds keep their machines'
    credentials), multicast and reserved addresses are never.
    """
    meant = _meant(address)
    if meant.is_loopback:
        return loopback
    if meant.is_link_local or meant.is_multicast or meant.is_reserved or meant.is_unspecified:
        return False
    if isinstance(meant, IPv6Address) and meant.is_site_local:
        return False
    return meant.is_global or any(meant in network for network in networks)


def _meant(address: str) -> IPv4Address | IPv6Address:
    found = ip_address(address.split("%")[0])  # what stands behind % is the network card
    if isinstance(found, IPv4Address):
        return found
    return found.ipv4_mapped or found.sixtofour or (IPv4Address(found.packed[-4:]) if found in _NAT64 else found)
