"""Settings: what a right file gives, and that every wrong one is refused with the line and with what would be right."""

import json
import random
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from sightline.settings import (
    ChartSettings,
    LimitSettings,
    Mistake,
    OutboundSettings,
    Settings,
    SettingsError,
    StoreSettings,
    load,
)
from sightline.settings.toml_lines import TomlLines
from sightline.settings.viewer_options import IidOptions
from tests.certificates import Authority

SECRET_KEY = "a key of more than thirty-two characters"
ENVIRONMENT = {"SIGHTLINE_SECRET_KEY": SECRET_KEY, "SIGHTLINE_EHR_NORTH_WING_CLIENT_SECRET": "north secret"}

ANY_TIME = settings(deadline=None)
"""For machines that are busy with other things."""

RIGHT = """\
public_url = "https://sightline.hospital.example"
site_name = "North Hospital"
time_zone = "Europe/Berlin"
languages = ["de", "en"]
data_folder = "var"
trusted_proxies = 2
[chart]
idle_minutes = 10
absolute_hours = 4
[store]
kind = "sqlite"
[limits]
launches_a_minute = 30
answer_seconds = 2.5
list_seconds = 30
answer_megabytes = 3
pages = 7
studies = 70
page_seconds = 0.5
rows_seconds = 4
report_seconds = 1
picture_seconds = 3
[outbound]
proxy = "http://proxy.hospital.example:3128"
ca_file = ""
in_flight = 7
[[ehr]]
name = "north-wing"
title = "North Wing EHR"
iss = "https://ehr.hospital.example/fhir"
client_id = "sightline-client"
client_authentication = "client_secret_basic"
scopes = ["launch", "openid"]
endpoint_origins = ["https://login.hospital.example"]
private_networks = ["10.20.0.0/16", "fd12:3456::/32"]
issuer = "https://login.hospital.example"
jwks_uri = "https://login.hospital.example/keys?p=1"
nonce_required = false
frame_ancestors = ["https://portal.hospital.example"]
search = ["sort"]
reports = "only"
viewer = "tower"
[[viewer]]
name = "ground"
title = "Ground floor viewer"
kind = "iid"
address = "https://ground.hospital.example/IHEInvokeImageDisplay"
open = "frame"
viewer_type = ""
[[viewer]]
name = "tower"
title = "Tower viewer"
kind = "iid"
address = "https://tower.hospital.example:8443/app/IHEInvokeImageDisplay"
open = "tab"
viewer_type = "IHE_BIR"
"""

SHORTEST = """\
public_url = "https://sightline.hospital.example"
site_name = "North Hospital"
time_zone = "Europe/Berlin"
[[ehr]]
name = "north-wing"
title = "North Wing EHR"
iss = "https://ehr.hospital.example/fhir"
client_id = "sightline-client"
frame_ancestors = []
[[viewer]]
name = "tower"
title = "Tower viewer"
kind = "iid"
address = "https://tower.hospital.example/IHEInvokeImageDisplay"
"""


def loaded(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8", newline="")
    return load(file, ENVIRONMENT if environment is None else environment)


def mistakes(folder: Path, text: str, environment: dict[str, str] | None = None) -> tuple[Mistake, ...]:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text, environment)
    return caught.value.mistakes


def only_mistake(folder: Path, text: str, environment: dict[str, str] | None = None) -> Mistake:
    found = mistakes(folder, text, environment)
    assert len(found) == 1, [str(mistake) for mistake in found]
    return found[0]


def line_of(text: str, line: str) -> int:
    assert text.splitlines().count(line) == 1
    return text.splitlines().index(line) + 1


# What a right file gives


def test_every_value_arrives_in_sightlines_units(tmp_path: Path) -> None:
    found = loaded(tmp_path, RIGHT)

    assert found.public_url == "https://sightline.hospital.example"
    assert found.site_name == "North Hospital"
    assert found.time_zone == ZoneInfo("Europe/Berlin")
    assert found.languages == ("de", "en")
    assert found.data_folder == tmp_path / "var"
    assert found.secret_key == SECRET_KEY.encode()
    assert found.chart == ChartSettings(idle_seconds=600, absolute_seconds=14400)
    assert found.store == StoreSettings(kind="sqlite", redis_url="")
    assert found.trusted_proxies == 2
    assert found.limits == LimitSettings(
        launches_a_minute=30,
        answer_seconds=2.5,
        list_seconds=30.0,
        answer_bytes=3_000_000,
        pages=7,
        studies=70,
        page_seconds=0.5,
        rows_seconds=4.0,
        report_seconds=1.0,
        picture_seconds=3.0,
    )
    assert found.outbound == OutboundSettings("http://proxy.hospital.example:3128", None, 7)


def test_every_value_of_an_ehr_arrives(tmp_path: Path) -> None:
    (ehr,) = loaded(tmp_path, RIGHT).ehrs

    assert (ehr.name, ehr.title, ehr.client_id) == ("north-wing", "North Wing EHR", "sightline-client")
    assert ehr.iss == "https://ehr.hospital.example/fhir"
    assert (ehr.client_authentication, ehr.client_secret) == ("client_secret_basic", "north secret")
    assert ehr.scopes == ("launch", "openid")
    assert ehr.endpoint_origins == ("https://ehr.hospital.example", "https://login.hospital.example")
    assert ehr.private_networks == (ip_network("10.20.0.0/16"), ip_network("fd12:3456::/32"))
    assert ehr.issuer == "https://login.hospital.example"
    assert ehr.jwks_uri == "https://login.hospital.example/keys?p=1"
    assert ehr.nonce_required is False
    assert ehr.frame_ancestors == ("https://portal.hospital.example",)
    assert ehr.search == frozenset({"sort"})
    assert (ehr.reports, ehr.listed_kind) == ("only", "DiagnosticReport")
    assert ehr.viewer == "tower"


def test_every_value_of_a_viewer_arrives(tmp_path: Path) -> None:
    found = loaded(tmp_path, RIGHT)
    ground, tower = found.viewers

    assert (ground.name, ground.open, ground.options.viewer_type) == ("ground", "frame", "")
    assert (tower.name, tower.title, tower.kind) == ("tower", "Tower viewer", "iid")
    assert (tower.open, tower.options.viewer_type) == ("tab", "IHE_BIR")
    assert tower.address == "https://tower.hospital.example:8443/app/IHEInvokeImageDisplay"
    assert tower.origin == "https://tower.hospital.example:8443"
    assert found.viewer(found.ehrs[0].viewer) is tower


def test_keys_that_are_left_out_have_their_defaults(tmp_path: Path) -> None:
    found = loaded(tmp_path, SHORTEST)
    (ehr,) = found.ehrs

    assert found.data_folder == tmp_path / "var"
    assert found.chart == ChartSettings(idle_seconds=900, absolute_seconds=28800)
    assert found.store == StoreSettings(kind="sqlite", redis_url="")
    assert found.trusted_proxies == 0
    assert found.limits == LimitSettings(
        launches_a_minute=600,
        answer_seconds=20.0,
        list_seconds=60.0,
        answer_bytes=32_000_000,
        pages=50,
        studies=10_000,
        page_seconds=0.3,
        rows_seconds=2.0,
        report_seconds=0.3,
        picture_seconds=5.0,
    )
    assert found.outbound == OutboundSettings(proxy="", ca_file=None, in_flight=48)
    assert ehr.private_networks == ()
    assert ehr.client_authentication == "client_secret_basic"
    assert ehr.scopes == ("launch", "openid", "fhirUser", "patient/Patient.read", "patient/ImagingStudy.read")
    assert ehr.endpoint_origins == ("https://ehr.hospital.example",)
    assert (ehr.issuer, ehr.jwks_uri, ehr.nonce_required) == ("", "", True)
    assert (ehr.frame_ancestors, ehr.search) == ((), frozenset())
    assert found.viewers[0].open == "auto"
    assert (ehr.reports, ehr.listed_kind) == ("beside", "ImagingStudy")
    assert found.viewers[0].options == IidOptions(
        requests=frozenset({"STUDY", "PATIENT"}),
        viewer_type="IHE_BIR",
        diagnostic_quality=False,
        passes_on=frozenset({"key_images_only", "diagnostic_quality"}),
        study_key="uid",
        list_separator="comma",
        patient_system="",
        patient_id_form="cx-universal",
        namespaces=(),
        patient_facts=frozenset(),
        date_range="spec",
        parameters=(),
    )
    assert found.rules == ()


def test_ehr_that_names_no_viewer_gets_the_first(tmp_path: Path) -> None:
    found = loaded(tmp_path, RIGHT.replace('viewer = "tower"', 'viewer = ""'))

    assert found.ehrs[0].viewer == "ground"
    assert found.viewer(found.ehrs[0].viewer) is found.viewers[0]


def test_file_of_authorities_is_found_beside_the_settings(tmp_path: Path) -> None:
    authority = Authority("North Hospital CA")
    (tmp_path / "ca.pem").write_bytes(authority.pem)

    found = loaded(tmp_path, RIGHT.replace('ca_file = ""', 'ca_file = "ca.pem"'))

    assert found.outbound.ca_file == tmp_path / "ca.pem"


def test_absolute_data_folder_stays_where_it_is(tmp_path: Path) -> None:
    found = loaded(tmp_path, RIGHT.replace('"var"', '"/srv/sightline"'))

    assert found.data_folder == Path("/srv/sightline")


def test_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    found = loaded(tmp_path, "\ufeff" + RIGHT.replace("\n", "\r\n"))

    assert found.site_name == "North Hospital"


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8000", "http://127.0.0.1", "http://127.8.9.10:8000", "http://[::1]:8000"],
)
def test_plain_http_on_the_loopback_is_taken_and_is_not_secure(tmp_path: Path, address: str) -> None:
    found = loaded(tmp_path, RIGHT.replace("https://sightline.hospital.example", address))

    assert found.public_url == address
    assert not found.secure


def test_https_is_secure(tmp_path: Path) -> None:
    assert loaded(tmp_path, RIGHT).secure


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Portal.Hospital.Example", "https://portal.hospital.example"),
        ("HTTPS://portal.hospital.example:443", "https://portal.hospital.example"),
        ("https://portal.hospital.example:8443", "https://portal.hospital.example:8443"),
        ("http://localhost:80", "http://localhost"),
        ("https://[2001:DB8::0:1]:444", "https://[2001:db8::1]:444"),
    ],
)
def test_origins_are_kept_as_browsers_write_them(tmp_path: Path, written: str, meant: str) -> None:
    found = loaded(tmp_path, RIGHT.replace("https://portal.hospital.example", written))

    assert found.ehrs[0].frame_ancestors == (meant,)


def test_own_origin_of_an_ehr_is_not_listed_twice(tmp_path: Path) -> None:
    text = RIGHT.replace('endpoint_origins = ["https://login', 'endpoint_origins = ["https://ehr')

    assert loaded(tmp_path, text).ehrs[0].endpoint_origins == ("https://ehr.hospital.example",)


def test_ehr_is_found_by_its_name(tmp_path: Path) -> None:
    found = loaded(tmp_path, RIGHT)

    assert found.ehr("north-wing") is found.ehrs[0]
    assert found.ehr("south-wing") is None


@pytest.mark.parametrize("configured", ["https://ehr.hospital.example/fhir", "https://ehr.hospital.example/fhir/"])
@pytest.mark.parametrize("launched", ["https://ehr.hospital.example/fhir", "https://ehr.hospital.example/fhir/"])
def test_ehr_is_found_by_its_iss_with_or_without_a_slash(tmp_path: Path, configured: str, launched: str) -> None:
    found = loaded(tmp_path, RIGHT.replace("https://ehr.hospital.example/fhir", configured))

    assert found.ehr_by_iss(launched) is found.ehrs[0]


@pytest.mark.parametrize(
    "iss",
    [
        "",
        "https://ehr.hospital.example/",
        "https://ehr.hospital.example/fhir//",
        "https://ehr.hospital.example/FHIR",
        "https://ehr.hospital.example/fhir?",
        "https://ehr.hospital.example/fhir/r4",
        "http://ehr.hospital.example/fhir",
        "https://ehr.hospital.example.evil.example/fhir",
    ],
)
def test_another_iss_is_no_ehr_of_ours(tmp_path: Path, iss: str) -> None:
    assert loaded(tmp_path, RIGHT).ehr_by_iss(iss) is None


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    shown = repr(loaded(tmp_path, RIGHT))

    assert "north-wing" in shown
    assert "north secret" not in shown
    assert SECRET_KEY not in shown


# One wrong value: (the right line, the wrong one, what is said, what would be right)

PROXY = "http://proxy.hospital.example:3128"
NEVER_PRIVATE = ["0.0.0.0/0", "169.254.0.0/16", "127.0.0.0/8", "8.8.8.0/24", "::/0", "fe80::/10", "64:ff9b::/96"]
WRONG_LINES = [
    ('site_name = "North Hospital"', "site_name = 5", "site_name is not text", "double quotes"),
    ('site_name = "North Hospital"', 'site_name = " "', "site_name is empty", "at least one letter"),
    ('site_name = "North Hospital"', r'site_name = "North\nSouth"', "holds a line break", "one line"),
    ('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Berln"', "is no time zone", "Europe/Berlin"),
    ('time_zone = "Europe/Berlin"', 'time_zone = "Europe"', "is no time zone", "Europe/"),
    ('time_zone = "Europe/Berlin"', 'time_zone = "../UTC"', "is no time zone", "UTC"),
    ('time_zone = "Europe/Berlin"', 'time_zone = "?"', "is no time zone", "an IANA name such as"),
    ('languages = ["de", "en"]', 'languages = ["de", "dutch"]', "item 2 of languages is not known: 'dutch'", "es"),
    ('languages = ["de", "en"]', "languages = []", "languages is empty", "at least one item"),
    ('languages = ["de", "en"]', 'languages = "de"', "languages is not a list", ""),
    ('languages = ["de", "en"]', 'languages = ["de", "de"]', "languages", ""),
    ('data_folder = "var"', 'data_folder = ""', "data_folder is empty", "at least one letter"),
    ("idle_minutes = 10", "idle_minutes = 0", "idle_minutes is out of range", "from 1 to 1440"),
    ("idle_minutes = 10", "idle_minutes = 1441", "idle_minutes is out of range", "from 1 to 1440"),
    ("idle_minutes = 10", "idle_minutes = 1.5", "idle_minutes is not a whole number", "from 1 to 1440"),
    ("idle_minutes = 10", "idle_minutes = true", "idle_minutes is not a whole number", "from 1 to 1440"),
    ("absolute_hours = 4", "absolute_hours = -4", "absolute_hours is out of range", "from 1 to 24"),
    ("answer_seconds = 2.5", "answer_seconds = 0", "answer_seconds is out of range", "from 0.1 to 300"),
    ("answer_seconds = 2.5", "answer_seconds = nan", "answer_seconds is out of range", "from 0.1 to 300"),
    ("answer_seconds = 2.5", 'answer_seconds = "2"', "answer_seconds is not a number", "without quotes"),
    ("answer_seconds = 2.5", "answer_seconds = true", "answer_seconds is not a number", "without quotes"),
    ("list_seconds = 30", "list_seconds = inf", "list_seconds is out of range", "from 0.1 to 600"),
    ("answer_megabytes = 3", "answer_megabytes = 1025", "answer_megabytes is out of range", "from 1 to 1024"),
    ("pages = 7", "pages = 0x" + "f" * 5000, "pages is out of range", "from 1 to 10000"),
    ("studies = 70", "studies = 0", "studies is out of range", "from 1 to 1000000"),
    ('name = "north-wing"', 'name = "North"', "name has other signs", "small letters, digits and hyphens"),
    ('name = "north-wing"', f'name = "{"n" * 41}"', "name has other signs, or too many", "1 to 40"),
    ('title = "North Wing EHR"', 'title = ["North"]', "title is not text", "double quotes"),
    ('client_id = "sightline-client"', 'client_id = "für"', "client_id has signs that OAuth forbids", "ASCII"),
    (
        'client_authentication = "client_secret_basic"',
        'client_authentication = "client_secret_post"',
        "client_authentication is not known: 'client_secret_post'",
        "client_secret_basic",
    ),
    ('scopes = ["launch", "openid"]', 'scopes = "openid"', "scopes is not a list", "in brackets"),
    ('scopes = ["launch", "openid"]', 'scopes = ["launch"]', "scopes do not contain openid", '"openid"'),
    ('scopes = ["launch", "openid"]', 'scopes = ["launch openid"]', "item 1 of scopes is not one scope", "spaces"),
    ('scopes = ["launch", "openid"]', 'scopes = ["openid", 1]', "item 2 of scopes is not text", "double quotes"),
    ('scopes = ["launch", "openid"]', 'scopes = ["openid", "openid"]', "item 2 of scopes stands in the list twice", ""),
    *[
        (f'proxy = "{PROXY}"', f'proxy = "{wrong}"', f"proxy {what}", instead)
        for wrong, what, instead in [
            ("https://proxy.hospital.example", "is not the address of an http proxy", "http://host:port"),
            (f"{PROXY}/path", "is not the address of an http proxy", "http://host:port"),
            ("proxy.hospital.example:3128", "is not a URL of http or https", "https://host"),
        ]
    ],
    ('ca_file = ""', 'ca_file = "missing.pem"', "ca_file is no file with certificates", "PEM"),
    ('ca_file = ""', 'ca_file = "."', "ca_file is no file with certificates", "PEM"),
    ('ca_file = ""', 'ca_file = "config.toml"', "that can be read: SSLError", "BEGIN and END CERTIFICATE"),
    ('ca_file = ""', "ca_file = 1", "ca_file is not text", "double quotes"),
    ("in_flight = 7", "in_flight = 0", "in_flight is out of range", "from 1 to 1000"),
    *[
        ('private_networks = ["10.20.0.0/16", "fd12:3456::/32"]', f"private_networks = [{wrong}]", what, instead)
        for wrong, what, instead in [
            ('"10.20.0.1/16"', "item 1 of private_networks is not a network", "10.20.0.0/16"),
            ('"ehr.hospital.example"', "is not a network", "an address and a length"),
            ("10", "item 1 of private_networks is not text", "double quotes"),
            ('""', "is empty", ""),
            *[(f'"{net}"', "is not private", "within 10.0.0.0/8, 172.16.0.0/12") for net in NEVER_PRIVATE],
        ]
    ],
    ("nonce_required = false", 'nonce_required = "false"', "neither true nor false", "without quotes"),
    ("nonce_required = false", "nonce_required = 0", "neither true nor false", "true or false"),
    ('search = ["sort"]', 'search = ["sort", "sumary"]', "item 2 of search is not known: 'sumary'", "summary"),
    ('search = ["sort"]', "search = [{}]", "item 1 of search is not text", "double quotes"),
    ('reports = "only"', 'reports = "onyl"', "reports is not known: 'onyl'", "only"),
    ('issuer = "https://login.hospital.example"', 'issuer = "login"', "issuer is not a URL", "https://host"),
    ('viewer = "tower"', 'viewer = "towr"', "viewer names no [[viewer]]: 'towr'", "tower"),
    ('viewer = "tower"', 'viewer = "x-ray"', "viewer names no [[viewer]]: 'x-ray'", "ground or tower"),
    ('name = "ground"', 'name = "tower"', "name is the same as in line", "another name for each [[viewer]]"),
    ('open = "tab"', 'open = "popup"', "open is not known: 'popup'", "frame or split or tab or window"),
    ('viewer_type = "IHE_BIR"', "viewer_type = 1", "viewer_type is not text", "double quotes"),
]


@pytest.mark.parametrize(("right", "wrong", "what", "instead"), WRONG_LINES)
def test_wrong_value_is_refused_in_its_line(tmp_path: Path, right: str, wrong: str, what: str, instead: str) -> None:
    line = line_of(RIGHT, right)
    text = RIGHT.replace(f"{right}\n", f"{wrong}\n")
    if "same as" in what:
        line = line_of(RIGHT, 'name = "tower"')

    mistake = only_mistake(tmp_path, text)

    assert mistake.line == line
    assert what in mistake.what
    assert instead in mistake.instead
    assert mistake.source == text.splitlines()[line - 1]


# URLs: (the URL, what is said, what would be right)

NOT_WEB_ADDRESSES = [
    ("", "is empty", "at least one letter"),
    ("sightline", "is not a URL of http or https", "https://host"),
    ("//host.example", "is not a URL of http or https", "https://host"),
    ("ftp://host.example", "is not a URL of http or https", "https://host"),
    ("javascript:alert(1)", "is not a URL of http or https", "https://host"),
    ("https://", "has no readable host", "https://host"),
    ("https://*.host.example", "has no readable host", "without wildcards"),
    ("https://host.example:", "is not a URL of http or https", "https://host:port"),
    ("https://host.example:0", "is not a URL of http or https", "https://host:port"),
    ("https://host.example:70000", "is not a URL", "https://host:port"),
    ("https://[::1", "is not a URL", "https://host"),
    ("https://[v1.host]", "has no readable host", "https://host"),
    ("https://[fe80::1%25eth0]", "has no readable host", "https://host"),
    ("https://host;script-src.example", "has no readable host", "https://host"),
    ("https://ho st.example", "holds a sign that no URL has", "%xx"),
    ("https://höst.example", "holds a sign that no URL has", "xn--"),
    ("https://host.example\\\\@other.example", "holds a sign that no URL has", "%xx"),
    ("https://user@host.example", "names a user", "before the @"),
    ("https://user:word@host.example", "names a user", "before the @"),
    ("http://host.example", "is not https", "https://…; plain http only on localhost"),
    ("http://10.0.0.1", "is not https", "localhost"),
    ("http://localhost.host.example", "is not https", "localhost"),
    ("http://127.0.0.1.host.example", "is not https", "localhost"),
    ("http://128.0.0.1", "is not https", "localhost"),
    ("https://host.example#part", "has a fragment", "up to the #"),
    ("https://host.example#", "has a fragment", "up to the #"),
]
URL_LINES = {
    "public_url": 'public_url = "https://sightline.hospital.example"',
    "iss": 'iss = "https://ehr.hospital.example/fhir"',
    "jwks_uri": 'jwks_uri = "https://login.hospital.example/keys?p=1"',
    "frame_ancestors": 'frame_ancestors = ["https://portal.hospital.example"]',
    "endpoint_origins": 'endpoint_origins = ["https://login.hospital.example"]',
    "address": 'address = "https://ground.hospital.example/IHEInvokeImageDisplay"',
}
MAY_BE_EMPTY = {"jwks_uri"}


def with_url(key: str, url: str) -> str:
    line = URL_LINES[key]
    written = line[: line.index('"') + 1] + url + line[line.rindex('"') :]
    return RIGHT.replace(f"{line}\n", f"{written}\n")


@pytest.mark.parametrize(
    ("key", "url", "what", "instead"),
    [(key, *row) for key in URL_LINES for row in NOT_WEB_ADDRESSES if row[0] or key not in MAY_BE_EMPTY],
)
def test_what_is_no_safe_web_address_is_refused(tmp_path: Path, key: str, url: str, what: str, instead: str) -> None:
    mistake = only_mistake(tmp_path, with_url(key, url))

    assert mistake.line == line_of(RIGHT, URL_LINES[key])
    assert f"{key} {what}" in mistake.what
    assert instead in mistake.instead


def test_password_in_a_web_address_is_not_printed(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, with_url("iss", "https://user:opensesame@host.example/fhir"))

    assert 'iss = "https://…@host.example/fhir"' in str(mistake)
    assert "opensesame" not in str(mistake)


@pytest.mark.parametrize("key", ["iss", "address"])
@pytest.mark.parametrize("ending", ["?", "?a=b"])
def test_base_address_with_a_query_is_refused(tmp_path: Path, key: str, ending: str) -> None:
    found = mistakes(tmp_path, with_url(key, f"https://host.example/IHEInvokeImageDisplay{ending}"))

    assert [(mistake.what, mistake.instead) for mistake in found] == [
        (f"{key} has a query", "the address up to the question mark")
    ]


@pytest.mark.parametrize("key", ["public_url", "frame_ancestors", "endpoint_origins"])
@pytest.mark.parametrize("ending", ["/", "/path", "?", "?a=b"])
def test_origin_with_more_than_an_origin_is_refused(tmp_path: Path, key: str, ending: str) -> None:
    mistake = only_mistake(tmp_path, with_url(key, f"https://host.example{ending}"))

    assert f"{key} is more than an origin" in mistake.what
    assert mistake.instead == "https://host.example"


def test_image_display_whose_address_does_not_end_as_ihe_says_is_refused(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, with_url("address", "https://ground.hospital.example/viewer/"))

    assert mistake.what == "address does not end in /IHEInvokeImageDisplay"
    assert mistake.instead == "https://ground.hospital.example/viewer/IHEInvokeImageDisplay"


def test_unknown_kind_of_viewer_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    text = SHORTEST.replace('kind = "iid"', 'kind = "paper"')

    mistake = only_mistake(tmp_path, text)

    assert (mistake.line, mistake.what) == (line_of(text, 'kind = "paper"'), "kind is not known: 'paper'")
    assert "iid" in mistake.instead


# Blocks and names

REQUIRED_KEYS = [
    *[("", key) for key in ("public_url", "site_name", "time_zone")],
    *[("[[ehr]]", key) for key in ("name", "title", "iss", "client_id", "frame_ancestors")],
    *[("[[viewer]]", key) for key in ("name", "title", "kind", "address")],
]


@pytest.mark.parametrize(("header", "key"), REQUIRED_KEYS)
def test_missing_key_is_named_at_its_tables_header(tmp_path: Path, header: str, key: str) -> None:
    lines = SHORTEST.splitlines()
    start = lines.index(header) if header else 0
    gone = next(nth for nth in range(start, len(lines)) if lines[nth].startswith(f"{key} ="))
    text = "\n".join(lines[:gone] + lines[gone + 1 :])

    mistake = only_mistake(tmp_path, text)

    assert (mistake.line, mistake.column) == (start + 1, 1)
    assert mistake.what == f"{key} is missing " + (f"in {header}" if header else "at the top of the file")
    assert f"{key} = …" in mistake.instead


@pytest.mark.parametrize("table", ["ehr", "viewer"])
def test_file_without_an_ehr_or_a_viewer_is_refused(tmp_path: Path, table: str) -> None:
    start, end = {"ehr": ("[[ehr]]", "[[viewer]]"), "viewer": ("[[viewer]]", "")}[table]
    text = SHORTEST[: SHORTEST.index(start)] + (SHORTEST[SHORTEST.index(end) :] if end else "")

    mistake = only_mistake(tmp_path, text)

    assert mistake.what == f"there is no [[{table}]]"
    assert "at least one" in mistake.instead


@pytest.mark.parametrize(
    ("line", "what", "instead"),
    [
        ("[ehr]", "ehr is not a list of blocks", "[[ehr]], with two brackets"),
        ("[[chart]]", "chart is not one table", "[chart], with its keys below"),
        ("[chrat]", "there is no table 'chrat' at the top of the file", "[chart]"),
        ("[[ehrs]]", "there is no table 'ehrs' at the top of the file", "[[ehr]]"),
        (
            "[zzz]",
            "there is no table 'zzz' at the top of the file",
            " or [[archive]] or [[viewer]] or [[rule]]",
        ),
        ("[ehr.extra]", "there is no table 'extra' in [[ehr]]", "[chart]"),
    ],
)
def test_wrong_table_is_refused_at_its_header(tmp_path: Path, line: str, what: str, instead: str) -> None:
    text = SHORTEST.replace("[[ehr]]", line) if line == "[ehr]" else SHORTEST + line
    place = line_of(text, line)

    found = mistakes(tmp_path, text)

    assert (place, what) in [(mistake.line, mistake.what) for mistake in found]
    assert any(instead in mistake.instead for mistake in found if mistake.line == place)


@pytest.mark.parametrize(
    ("after", "line", "what", "instead"),
    [
        ("[chart]", "idle_minuts = 5", "there is no key 'idle_minuts' in [chart]", "idle_minutes"),
        ("[chart]", "pages = 5", "pages does not belong in [chart]", "pages in [limits]"),
        ("[chart]", 'site_name = "x"', "site_name does not belong in [chart]", "site_name at the top of the file"),
        ("[limits]", "q = 1", "there is no key 'q' in [limits]", "answer_seconds or list_seconds"),
        ('site_name = "North Hospital"', "titel = 1", "there is no key 'titel' at the top of the file", ""),
        ("[[ehr]]", '"client id" = 1', "there is no key 'client id' in [[ehr]]", "client_id"),
    ],
)
def test_unknown_key_is_refused_with_the_one_meant(
    tmp_path: Path, after: str, line: str, what: str, instead: str
) -> None:
    text = RIGHT.replace(f"{after}\n", f"{after}\n{line}\n")

    mistake = only_mistake(tmp_path, text)

    assert (mistake.line, mistake.what) == (line_of(text, line), what)
    assert instead in mistake.instead


def test_two_ehrs_of_one_iss_are_refused(tmp_path: Path) -> None:
    second = SHORTEST[SHORTEST.index("[[ehr]]") : SHORTEST.index("[[viewer]]")]
    second = second.replace("north-wing", "south-wing").replace("example/fhir", "example/fhir/")
    environment = {**ENVIRONMENT, "SIGHTLINE_EHR_SOUTH_WING_CLIENT_SECRET": "south secret"}

    mistake = only_mistake(tmp_path, SHORTEST + second, environment)

    assert mistake.line == line_of(SHORTEST + second, 'iss = "https://ehr.hospital.example/fhir/"')
    assert mistake.what == "iss is the same as in line 7"
    assert mistake.instead == "another iss for each [[ehr]]"


def test_two_ehrs_of_one_name_are_refused(tmp_path: Path) -> None:
    second = SHORTEST[SHORTEST.index("[[ehr]]") : SHORTEST.index("[[viewer]]")]
    second = second.replace("ehr.hospital", "other.hospital")

    mistake = only_mistake(tmp_path, SHORTEST + second)

    assert (mistake.line, mistake.what) == (16, "name is the same as in line 5")


def test_ehr_and_viewer_may_share_a_name(tmp_path: Path) -> None:
    found = loaded(tmp_path, SHORTEST.replace('"tower"', '"north-wing"'))

    assert found.ehrs[0].name == found.viewers[0].name == "north-wing"


# Secrets


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("variable", list(ENVIRONMENT))
def test_missing_secret_is_named_by_its_variable(tmp_path: Path, variable: str, value: str | None) -> None:
    rest = {name: secret for name, secret in ENVIRONMENT.items() if name != variable}

    mistake = only_mistake(tmp_path, RIGHT, rest if value is None else {**rest, variable: value})

    assert mistake.what == f"{variable} is not set"
    assert f"{variable}_FILE" in mistake.instead


def test_missing_client_secret_is_told_at_the_line_that_wants_it(tmp_path: Path) -> None:
    environment = {"SIGHTLINE_SECRET_KEY": SECRET_KEY}

    assert only_mistake(tmp_path, RIGHT, environment).line == line_of(
        RIGHT, 'client_authentication = "client_secret_basic"'
    )
    assert only_mistake(tmp_path, SHORTEST, environment).line == line_of(SHORTEST, "[[ehr]]")


def test_public_client_needs_no_secret(tmp_path: Path) -> None:
    text = RIGHT.replace('"client_secret_basic"', '"none"')

    found = loaded(tmp_path, text, {"SIGHTLINE_SECRET_KEY": SECRET_KEY})

    assert (found.ehrs[0].client_authentication, found.ehrs[0].client_secret) == ("none", "")


@pytest.mark.parametrize("variable", list(ENVIRONMENT))
def test_secret_is_read_from_the_file_that_the_environment_names(tmp_path: Path, variable: str) -> None:
    secret_file = tmp_path / "secret"
    secret_file.write_text("a secret out of a file, with a line end\n", encoding="utf-8")
    rest = {name: secret for name, secret in ENVIRONMENT.items() if name != variable}

    found = loaded(tmp_path, RIGHT, {**rest, f"{variable}_FILE": str(secret_file)})

    assert "a secret out of a file, with a line end" in (found.secret_key.decode(), found.ehrs[0].client_secret)


@pytest.mark.parametrize("variable", list(ENVIRONMENT))
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "names a file that cannot be read: FileNotFoundError"),
        (b"\xff\xfe", "names a file that cannot be read: UnicodeDecodeError"),
        (b" \n", "names an empty file"),
    ],
)
def test_secret_file_that_holds_no_secret_is_refused(
    tmp_path: Path, variable: str, content: bytes | None, what: str
) -> None:
    secret_file = tmp_path / "secret"
    if content is not None:
        secret_file.write_bytes(content)
    rest = {name: secret for name, secret in ENVIRONMENT.items() if name != variable}

    mistake = only_mistake(tmp_path, RIGHT, {**rest, f"{variable}_FILE": str(secret_file)})

    assert mistake.what == f"{variable}_FILE {what}"


@pytest.mark.parametrize("variable", list(ENVIRONMENT))
def test_secret_given_twice_is_refused(tmp_path: Path, variable: str) -> None:
    mistake = only_mistake(tmp_path, RIGHT, {**ENVIRONMENT, f"{variable}_FILE": str(tmp_path / "secret")})

    assert mistake.what == f"both {variable} and {variable}_FILE are set"


WITH_REDIS = RIGHT.replace('"sqlite"', '"redis"')
REDIS_URLS = [
    "redis://127.0.0.1:6379/0",
    "rediss://sightline:gehe%2Fim@redis.hospital.example:6380/3",
    "rediss://:geheim@redis.hospital.example?ssl_ca_certs=/etc/ssl/hospital.pem",
]


@pytest.mark.parametrize("url", REDIS_URLS)
def test_address_of_redis_comes_from_the_environment_and_does_not_show(tmp_path: Path, url: str) -> None:
    found = loaded(tmp_path, WITH_REDIS, {**ENVIRONMENT, "SIGHTLINE_REDIS_URL": url})

    assert found.store == StoreSettings(kind="redis", redis_url=url)
    assert url not in repr(found)


def test_address_of_redis_is_read_from_the_file_that_the_environment_names(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{REDIS_URLS[0]}\n", encoding="utf-8")

    found = loaded(tmp_path, WITH_REDIS, {**ENVIRONMENT, "SIGHTLINE_REDIS_URL_FILE": str(tmp_path / "secret")})

    assert found.store.redis_url == REDIS_URLS[0]


def test_redis_without_an_address_is_told_at_the_line_that_wants_it(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, WITH_REDIS)

    assert (mistake.line, mistake.what) == (line_of(WITH_REDIS, 'kind = "redis"'), "SIGHTLINE_REDIS_URL is not set")


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://geheim@redis.example", "is not the address of a Redis"),
        ("redis.example:6379", "is not the address of a Redis"),
        ("redis://:geheim@", "is not the address of a Redis"),
        ("redis://redis.example/0#geheim", "is not the address of a Redis"),
        ("redis://redis.example:geheim", "is not a URL"),
        ("redis://redis.example/geheim", "names no database by its number"),
        ("rediss://redis.example?ssl_cert_reqs=none", "has an option that Sightline does not take"),
        ("redis://redis.example?db=geheim", "has an option that Sightline does not take"),
    ],
)
def test_address_that_is_no_redis_is_refused_without_printing_it(tmp_path: Path, url: str, what: str) -> None:
    mistake = only_mistake(tmp_path, WITH_REDIS, {**ENVIRONMENT, "SIGHTLINE_REDIS_URL": url})

    assert mistake.what == f"SIGHTLINE_REDIS_URL {what}"
    assert "geheim" not in str(mistake)


def test_short_secret_key_is_refused_without_printing_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, RIGHT, {**ENVIRONMENT, "SIGHTLINE_SECRET_KEY": "0123456789-0123456789-012345678"})

    assert "SIGHTLINE_SECRET_KEY is shorter than 32 characters" in str(caught.value)
    assert "0123456789" not in str(caught.value)


def test_client_secret_that_oauth_cannot_carry_is_refused_without_printing_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, RIGHT, {**ENVIRONMENT, "SIGHTLINE_EHR_NORTH_WING_CLIENT_SECRET": "geheim\u00fc"})

    assert "SIGHTLINE_EHR_NORTH_WING_CLIENT_SECRET has signs that OAuth forbids" in str(caught.value)
    assert "geheim" not in str(caught.value)


# Client keys

WITH_KEYS = RIGHT.replace('"client_secret_basic"', '"private_key_jwt"')
RSA_KEY = {"kty": "RSA", "kid": "one", "n": "n" * 342, "e": "AQAB", "d": "geheim"}
EC_KEY = {"kty": "EC", "kid": "two", "crv": "P-384", "x": "x", "y": "y", "d": "geheim"}


def keys(*stated: Any) -> dict[str, str]:
    """The environment with these client keys."""
    return {"SIGHTLINE_SECRET_KEY": SECRET_KEY, "SIGHTLINE_CLIENT_KEYS": json.dumps({"keys": stated})}


@pytest.mark.parametrize("text", [WITH_KEYS, RIGHT.replace('"client_secret_basic"', '"none"')])
def test_client_keys_are_read_whether_or_not_an_ehr_asks_for_them_yet(tmp_path: Path, text: str) -> None:
    found = loaded(tmp_path, text, keys(RSA_KEY, EC_KEY))

    assert json.loads(found.client_keys)["keys"] == [RSA_KEY, EC_KEY]
    assert "geheim" not in repr(found)


def test_client_keys_are_read_from_the_file_that_the_environment_names(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [EC_KEY]}))
    environment = {"SIGHTLINE_SECRET_KEY": SECRET_KEY, "SIGHTLINE_CLIENT_KEYS_FILE": str(file)}

    assert json.loads(loaded(tmp_path, WITH_KEYS, environment).client_keys)["keys"] == [EC_KEY]


def test_without_client_keys_there_are_none(tmp_path: Path) -> None:
    assert loaded(tmp_path, RIGHT).client_keys == ""


def test_missing_client_keys_are_told_at_the_line_that_wants_them(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, WITH_KEYS, {"SIGHTLINE_SECRET_KEY": SECRET_KEY})

    assert mistake.line == line_of(WITH_KEYS, 'client_authentication = "private_key_jwt"')
    assert mistake.what == "SIGHTLINE_CLIENT_KEYS is not set"
    assert "SIGHTLINE_CLIENT_KEYS_FILE" in mistake.instead
    assert "python -m sightline --new-client-key ES384" in mistake.instead


@pytest.mark.parametrize(
    ("stated", "what"),
    [
        ([], "SIGHTLINE_CLIENT_KEYS is not a JWK Set with at least one key"),
        ([7], "key 1 of SIGHTLINE_CLIENT_KEYS is neither of RSA nor of an elliptic curve"),
        ([{**EC_KEY, "kty": "oct"}], "key 1 of SIGHTLINE_CLIENT_KEYS is neither of RSA nor of an elliptic curve"),
        ([EC_KEY, {**RSA_KEY, "kid": ""}], "key 2 of SIGHTLINE_CLIENT_KEYS has no kid"),
        ([{**RSA_KEY, "kid": 7}], "key 1 of SIGHTLINE_CLIENT_KEYS has no kid"),
        ([{**EC_KEY, "d": ""}], "key 1 of SIGHTLINE_CLIENT_KEYS is not a private key"),
        ([{**EC_KEY, "crv": "P-256"}], "SIGHTLINE_CLIENT_KEYS has no key for RS384 or ES384"),
        ([{**EC_KEY, "crv": "P-521"}], "key 1 of SIGHTLINE_CLIENT_KEYS is on neither of the curves P-384 and P-256"),
        (
            [{**EC_KEY, "crv": "P-256", "alg": "ES384"}],
            "key 1 of SIGHTLINE_CLIENT_KEYS is set aside for something else",
        ),
        ([{**RSA_KEY, "n": "n" * 171}], "key 1 of SIGHTLINE_CLIENT_KEYS has fewer than 2048 bits"),
        ([{**RSA_KEY, "use": "enc"}], "key 1 of SIGHTLINE_CLIENT_KEYS is set aside for something else"),
        ([{**RSA_KEY, "alg": "RS256"}], "key 1 of SIGHTLINE_CLIENT_KEYS is set aside for something else"),
        ([RSA_KEY, {**EC_KEY, "kid": "one"}], "two keys of SIGHTLINE_CLIENT_KEYS have the same kid"),
    ],
)
def test_client_keys_that_cannot_sign_are_refused_without_printing_them(
    tmp_path: Path, stated: list[Any], what: str
) -> None:
    mistake = only_mistake(tmp_path, WITH_KEYS, keys(*stated))

    assert mistake.what == what
    assert "geheim" not in str(mistake)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("not json", "is not JSON"),
        ("[" * 5000, "is not JSON"),
        ("[]", "is not a JWK Set"),
        ('{"keys":7}', "is not a JWK"),
    ],
)
def test_client_keys_that_are_no_jwk_set_are_refused(tmp_path: Path, text: str, what: str) -> None:
    environment = {"SIGHTLINE_SECRET_KEY": SECRET_KEY, "SIGHTLINE_CLIENT_KEYS": text}

    assert what in only_mistake(tmp_path, WITH_KEYS, environment).what


def test_wrong_client_keys_that_no_ehr_asks_for_are_a_mistake_of_the_environment(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, RIGHT, {**ENVIRONMENT, "SIGHTLINE_CLIENT_KEYS": "x"})

    assert (mistake.file, mistake.line, mistake.what) == ("environment", 0, "SIGHTLINE_CLIENT_KEYS is not JSON")


def test_client_id_that_http_basic_cannot_carry_is_refused(tmp_path: Path) -> None:
    text = RIGHT.replace('client_id = "sightline-client"', 'client_id = "sightline:client"')

    mistake = only_mistake(tmp_path, text)

    assert mistake.line == line_of(text, 'client_id = "sightline:client"')
    assert mistake.what == "client_id has a colon, which client_secret_basic cannot carry"
    assert loaded(tmp_path, text.replace('"client_secret_basic"', '"none"')).ehrs[0].client_id == "sightline:client"


@pytest.mark.parametrize(
    ("after", "key", "variable"),
    [
        ("[[ehr]]", "client_secret", "SIGHTLINE_EHR_NORTH_WING_CLIENT_SECRET"),
        ('site_name = "North Hospital"', "secret_key", "SIGHTLINE_SECRET_KEY"),
        ("[chart]", "client_secret", "SIGHTLINE_EHR_<NAME>_CLIENT_SECRET"),
    ],
)
def test_secret_in_the_file_is_refused_without_printing_it(tmp_path: Path, after: str, key: str, variable: str) -> None:
    text = RIGHT.replace(f"{after}\n", f'{after}\n{key} = "open sesame"\n')

    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)

    (mistake,) = caught.value.mistakes
    assert mistake.what == f"{key} stands in the file, but secrets never do"
    assert mistake.instead == f"the environment variable {variable}"
    assert f"{key} = …" in str(caught.value)
    assert "open sesame" not in str(caught.value)


# The file as a whole


def test_missing_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "config.toml", ENVIRONMENT)

    assert str(caught.value) == (
        f"{tmp_path / 'config.toml'}: there is no such file\nInstead: a copy of config.example.toml, made yours"
    )


def test_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the file cannot be read: IsADirectoryError"):
        load(tmp_path, ENVIRONMENT)


def test_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'public_url = "x"\nsite_name = "K\xf6ln"\n')

    with pytest.raises(SettingsError, match="line 2 is not UTF-8\nInstead: the file saved as UTF-8"):
        load(file, ENVIRONMENT)


@pytest.mark.parametrize(
    ("text", "line", "what", "instead"),
    [
        ('a = "b"\nsite_name = North', 2, "Invalid value", "double quotes"),
        ('a = "b"\nsite_name "North"', 2, "Expected '='", "of the form"),
        ("a = 1\na = 2\nb = 1", 2, "Cannot overwrite a value", "each key once"),
        ("[chart]\n[chart]\n", 2, "Cannot declare", "each [table] once"),
        ('a = "b\nc = 1', 1, "Illegal character", "on the same line"),
        ('\na = "C:\\data"\n', 2, "Unescaped", "backslash written twice"),
        ("a = 1\nb = [1\n", 3, "Unclosed array", "a ] at the end"),
        ("a = 1\n}", 2, "Invalid statement", "TOML 1.0"),
    ],
)
def test_syntax_error_is_told_with_its_line(tmp_path: Path, text: str, line: int, what: str, instead: str) -> None:
    mistake = only_mistake(tmp_path, text)

    assert mistake.line == line
    assert 1 <= mistake.column <= len(text.split("\n")[line - 1]) + 1
    assert mistake.what.startswith(f"this is not TOML: {what}")
    assert "(at" not in mistake.what
    assert instead in mistake.instead


def test_syntax_error_is_printed_with_a_caret_under_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, 'public_url = "https://host.example"\nsite_name = North\n')

    place, source, caret, _ = str(caught.value).split("\n")
    assert place.endswith("config.toml:2:13: this is not TOML: Invalid value")
    assert source[caret.index("^") :] == "North"


def test_syntax_error_beside_a_secret_does_not_print_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, "client_secret = opensesame\n")

    assert "opensesame" not in str(caught.value)


def test_brackets_without_end_are_told(tmp_path: Path) -> None:
    assert only_mistake(tmp_path, "a = " + "[" * 100_000).what == "brackets are nested too deeply"


def test_number_without_end_is_told(tmp_path: Path) -> None:
    assert only_mistake(tmp_path, "a = " + "1" * 10_000).what == "a number has thousands of digits"


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    wrong = {
        'public_url = "https://sightline.hospital.example"': "",
        'site_name = "North Hospital"': "site_name = 1",
        "pages = 7": "pags = 7",
        'iss = "https://ehr.hospital.example/fhir"': 'iss = "http://ehr.hospital.example/fhir"',
        'viewer = "tower"': 'viewer = "towr"',
        'name = "ground"': 'name = "Ground"',
        'open = "tab"': 'open = "tap"',
    }
    places = [line_of(RIGHT, line) for line in wrong]
    text = RIGHT
    for right, line in wrong.items():
        text = text.replace(f"{right}\n", f"{line}\n")

    found = mistakes(tmp_path, text, {})

    places.append(line_of(RIGHT, 'client_authentication = "client_secret_basic"'))
    assert [mistake.line for mistake in found] == [*sorted(places), 0]
    assert found[-1].what == "SIGHTLINE_SECRET_KEY is not set"


def test_mistake_is_printed_with_place_line_caret_and_advice(tmp_path: Path) -> None:
    text = RIGHT.replace('scopes = ["launch", "openid"]', 'scopes = [\n  "openid",\n  "launch patient",\n]')
    line = line_of(text, '  "launch patient",')

    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)

    assert str(caught.value) == (
        f"{tmp_path / 'config.toml'}:{line}:3: item 2 of scopes is not one scope\n"
        '      "launch patient",\n'
        "      ^\n"
        "Instead: one scope without spaces in each pair of quotes"
    )


def test_paragraphs_of_mistakes_stand_apart(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, RIGHT, {})

    first, second = str(caught.value).split("\n\n")
    assert "SIGHTLINE_EHR_NORTH_WING_CLIENT_SECRET is not set" in first
    assert second.startswith("environment: SIGHTLINE_SECRET_KEY is not set")


# Where names stand

TRICKY = '''\
# [chart]
title = """
name = "not a key"
[[viewer]]
\\"""
quoted""\"""
raw = \'\'\'
[limits]
it''s # no comment\'\'\'
"quoted = key" = [ # [
  "name = ]", 'a # b',
  [1.5, { b = "}", c.d = 2 }],
]
chart.idle = 5
[[ehr]] # first
name = 'a'
[[ehr]]
  'name' = 1979-05-27 07:32:00.5
[ehr.inner]
x = 1
[[ehr.rows]]
[[ehr.rows]]
y = 2
'''
TRICKY_PLACES = {
    ("title",): (2, 1),
    ("raw",): (7, 1),
    ("quoted = key",): (10, 1),
    ("quoted = key", 0): (11, 3),
    ("quoted = key", 1): (11, 15),
    ("quoted = key", 2): (12, 3),
    ("quoted = key", 2, 0): (12, 4),
    ("quoted = key", 2, 1): (12, 9),
    ("quoted = key", 2, 1, "b"): (12, 11),
    ("quoted = key", 2, 1, "c"): (12, 20),
    ("quoted = key", 2, 1, "c", "d"): (12, 20),
    ("chart",): (14, 1),
    ("chart", "idle"): (14, 1),
    ("ehr",): (15, 1),
    ("ehr", 0): (15, 1),
    ("ehr", 0, "name"): (16, 1),
    ("ehr", 1): (17, 1),
    ("ehr", 1, "name"): (18, 3),
    ("ehr", 1, "inner"): (19, 1),
    ("ehr", 1, "inner", "x"): (20, 1),
    ("ehr", 1, "rows", 0): (21, 1),
    ("ehr", 1, "rows", 1): (22, 1),
    ("ehr", 1, "rows", 1, "y"): (23, 1),
}


@pytest.mark.parametrize(("path", "place"), TRICKY_PLACES.items())
def test_name_is_found_where_it_stands_and_not_inside_texts(path: tuple[Any, ...], place: tuple[int, int]) -> None:
    assert paths_of(tomllib.loads(TRICKY)) >= {path}

    assert TomlLines(TRICKY).position(path) == place


def test_name_that_does_not_stand_in_the_text_is_placed_at_its_table() -> None:
    lines = TomlLines(TRICKY)

    assert lines.position(("ehr", 1, "viewer")) == (17, 1)
    assert lines.position(("limits", "pages")) == (1, 1)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path, *(deeper for step, inner in steps for deeper in paths_of(inner, (*path, step)))}


VALUES = [
    "1",
    "1.5",
    '"a # b"',
    "'['",
    '"""\nname0 = 1\n"""',
    "'''\n[t]\n'''",
    "[\n1, # ]\n[2]]",
    "{ p = [{ q = 1 }] }",
]


@given(st.lists(st.tuples(st.sampled_from(["", "  ", "# [x]\n", "[[t]]\n", "\n"]), st.sampled_from(VALUES))))
@ANY_TIME
def test_every_key_is_found_where_it_is_written_whatever_stands_around_it(entries: list[tuple[str, str]]) -> None:
    text, places = "", {}
    blocks = 0
    for nth, (before, value) in enumerate(entries):
        text += before
        blocks += before.startswith("[[t]]")
        table = ("t", blocks - 1) if blocks else ()
        places[(*table, f"name{nth}")] = (text.count("\n") + 1, len(text) - text.rfind("\n"))
        text += f"name{nth} = {value}\n"
    lines = TomlLines(text)

    assert tomllib.loads(text) is not None
    assert {path: lines.position(path) for path in places} == places


# Whatever the file holds

SCRAPS = [
    *RIGHT.splitlines(keepends=True),
    *'[]{}=",.#\\\n\r',
    "'''",
    '"""',
    "[[",
    "]]",
    "\r\n",
    "a",
    "=1",
    "\x00",
    "é",
]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any-text")


def assert_loaded_or_refused(folder: Path, content: bytes, environment: dict[str, str]) -> None:
    file = folder / "config.toml"
    file.write_bytes(content)
    try:
        assert isinstance(load(file, environment), Settings)
    except SettingsError as error:
        assert error.mistakes
        assert all(mistake.what and mistake.instead and str(mistake) for mistake in error.mistakes)


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))))
@ANY_TIME
def test_any_bytes_are_read_or_refused_with_reasons(scratch: Path, content: bytes) -> None:
    assert_loaded_or_refused(scratch, content, ENVIRONMENT)


@given(st.lists(st.sampled_from(SCRAPS), max_size=12))
@ANY_TIME
def test_any_scraps_of_a_file_are_read_or_refused_with_reasons(scratch: Path, scraps: list[str]) -> None:
    assert_loaded_or_refused(scratch, "".join(scraps).encode(), ENVIRONMENT)


@given(st.integers(), st.integers(1, 6))
@ANY_TIME
def test_any_damaged_file_is_read_or_refused_with_reasons(scratch: Path, seed: int, damages: int) -> None:
    chance = random.Random(seed)
    lines = RIGHT.splitlines(keepends=True)
    for _ in range(damages):
        lines.insert(chance.randrange(len(lines)), chance.choice(SCRAPS))
        del lines[chance.randrange(len(lines))]

    assert_loaded_or_refused(scratch, "".join(lines).encode(), ENVIRONMENT)


@given(st.dictionaries(st.sampled_from([*ENVIRONMENT, *(f"{name}_FILE" for name in ENVIRONMENT)]), st.text()))
@ANY_TIME
def test_any_environment_is_taken_or_refused_with_reasons(scratch: Path, environment: dict[str, str]) -> None:
    assert_loaded_or_refused(scratch, RIGHT.encode(), environment)
