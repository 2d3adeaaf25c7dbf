"""To which addresses Sightline may speak, whatever a name resolves to."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import assume, given, settings, strategies as st

from sightline.outbound.peers import may_be_spoken_to
from sightline.settings.addresses import PRIVATE

NAT64 = ip_network("64:ff9b::/96")
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))
LISTED = (ip_network("10.20.0.0/16"), ip_network("fd12::/32"))


@pytest.mark.parametrize("address", ["8.8.8.8", "2600::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"])
def test_server_on_a_global_address_is_spoken_to(address: str) -> None:
    assert may_be_spoken_to(address, (), loopback=False)


@pytest.mark.parametrize(
    "address",
    ["10.20.1.2", "fd12::1", "fd12::1%eth0", "::ffff:10.20.1.2", "64:ff9b::a14:102", "2002:a14:102::1"],
)
def test_server_on_a_private_network_is_spoken_to_where_it_is_listed(address: str) -> None:
    assert may_be_spoken_to(address, LISTED, loopback=False)
    assert not may_be_spoken_to(address, (), loopback=False)


@pytest.mark.parametrize(
    "address",
    [
        "10.21.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "fd13::1",
        "::ffff:192.168.1.1",
        "64:ff9b::c0a8:101",
        "2002:c0a8:101::1",
        "192.0.2.1",
        "198.18.0.1",
        "2001:db8::1",
        "2001:0:1::1",
        "0.1.2.3",
    ],
)
def test_server_on_another_private_network_is_not_spoken_to(address: str) -> None:
    assert not may_be_spoken_to(address, LISTED, loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "64:ff9b:1::a9fe:a9fe",
        "::169.254.169.254",
        "0.0.0.0",
        "::",
        "255.255.255.255",
        "240.0.0.1",
        "224.0.0.1",
        "239.1.2.3",
        "ff02::1",
        "ff0e::1",
        "fec0::1",
        "4000::1",
    ],
)
def test_address_that_is_no_servers_is_never_spoken_to(address: str) -> None:
    assert not may_be_spoken_to(address, EVERYTHING, loopback=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_this_machine_is_spoken_to_only_where_the_settings_name_it(address: str) -> None:
    assert may_be_spoken_to(address, (), loopback=True)
    assert not may_be_spoken_to(address, PRIVATE, loopback=False)


@given(st.ip_addresses())
@settings(deadline=None)
def test_what_is_not_listed_is_global(address: IPv4Address | IPv6Address) -> None:
    # One inside another is global by the one that is meant: Python's own word on 6to4 is about the outer one.
    assume(isinstance(address, IPv4Address) or not (address.sixtofour or address.ipv4_mapped or address in NAT64))
    if may_be_spoken_to(str(address), (), loopback=False):
        assert address.is_global
