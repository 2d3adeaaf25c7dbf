"""Every key of the settings file, a row each: its name, its check, and what holds when it is left out.

`config.example.toml` explains the same keys to the person who fills them in; a test holds the two together. A default
is the example's value, except where the example describes the sandbox: of another hospital's server it is not known
that it takes any search parameter, and another hospital's viewer has another name.
"""

from sightline.settings.addresses import (
    host_and_port,
    invoke_image_display,
    origin,
    web_address,
    web_address_or_query,
)
from sightline.settings.checks import (
    list_of,
    matching,
    number,
    one_of,
    or_empty,
    scopes,
    set_of,
    text,
    time_zone,
    truth,
    whole,
)
from sightline.settings.toml_tables import Check, Key, Table

VIEWER_KINDS: dict[str, Check] = {"iid": invoke_image_display}
"""The kinds of viewer, each with the check of its address."""

NAME = matching(r"[a-z0-9-]{1,40}", "has other signs, or too many", "1 to 40 small letters, digits and hyphens")
CLIENT_ID = matching(
    r"[\x20-\x7e]+", "has signs that OAuth forbids", "ASCII letters, digits and signs"
)  # RFC 6749, A.1

DEFAULT_SCOPES = ["launch", "openid", "fhirUser", "patient/Patient.read", "patient/ImagingStudy.read"]

TOP = Table(
    "",
    (
        Key("public_url", origin),
        Key("site_name", text),
        Key("time_zone", time_zone),
        Key("data_folder", text, "var"),
        Key("trusted_proxies", whole(0, 10), 0),
    ),
)

CHART = Table(
    "chart",
    (
        Key("idle_minutes", whole(1, 24 * 60, times=60), 15, field="idle_seconds"),
        Key("absolute_hours", whole(1, 24, times=3600), 8, field="absolute_seconds"),
    ),
)

LIMITS = Table(
    "limits",
    (
        Key("answer_seconds", number(0.1, 300), 20),
        Key("list_seconds", number(0.1, 600), 60),
        Key("answer_megabytes", whole(1, 1024, times=1_000_000), 32, field="answer_bytes"),
        Key("pages", whole(1, 10_000), 50),
        Key("studies", whole(1, 1_000_000), 10_000),
    ),
)

AUDIT = Table(
    "audit",
    (
        Key("required", truth, True),
        Key("sync", truth, False),
        Key("file_megabytes", whole(1, 10_000, times=1_000_000), 64, field="file_bytes"),
        Key("keep_days", whole(0, 36_500), 0),
    ),
)

AUDIT_FHIR = Table(
    "audit_fhir",
    (
        Key("base", or_empty(web_address), ""),
        Key("authentication", one_of("bearer", "none"), "bearer"),
    ),
)

AUDIT_SYSLOG = Table(
    "audit_syslog",
    (
        Key("server", or_empty(host_and_port), ""),
        Key("ca_file", or_empty(text), ""),
        Key("certificate_file", or_empty(text), ""),
        Key("key_file", or_empty(text), ""),
    ),
)

EHR = Table(
    "ehr",
    (
        Key("name", NAME),
        Key("title", text),
        Key("iss", web_address),
        Key("client_id", CLIENT_ID),
        Key("client_authentication", one_of("client_secret_basic", "none"), "client_secret_basic"),
        Key("scopes", scopes, DEFAULT_SCOPES),
        Key("endpoint_origins", list_of(origin), []),
        Key("issuer", or_empty(web_address), ""),
        Key("jwks_uri", or_empty(web_address_or_query), ""),
        Key("nonce_required", truth, True),
        Key("frame_ancestors", list_of(origin)),
        Key("search", set_of(one_of("sort", "summary")), []),
        Key("viewer", or_empty(NAME), ""),
    ),
    many=True,
)

VIEWER = Table(
    "viewer",
    (
        Key("name", NAME),
        Key("title", text),
        Key("kind", one_of(*VIEWER_KINDS)),
        Key("address", web_address),
        Key("open", one_of("frame", "tab"), "frame"),
        Key("viewer_type", or_empty(text), "IHE_BIR"),
    ),
    many=True,
)

TABLES = (TOP, CHART, LIMITS, AUDIT, AUDIT_FHIR, AUDIT_SYSLOG, EHR, VIEWER)
