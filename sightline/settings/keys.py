"""Every key of the settings file, a row each: its name, its check, and what holds when it is left out.

`config.example.toml` explains the same keys to the person who fills them in; a test holds the two together. A default
is the example's value, except where the example describes the sandbox: of another hospital's server it is not known
that it takes any search parameter, and another hospital's viewer has another name.
"""

from sightline.settings.addresses import (
    host_and_port,
    http_proxy,
    origin,
    private_network,
    web_address,
    web_address_or_query,
)
from sightline.settings.checks import (
    at_least_one,
    list_of,
    matching,
    not_empty,
    number,
    one_of,
    or_empty,
    pairs,
    scope,
    scopes,
    set_of,
    text,
    time_zone,
    truth,
    whole,
)
from sightline.settings.toml_tables import Key, Table
from sightline.settings.viewer_kinds import VIEWER_KINDS

STORE_KINDS = ("sqlite", "redis")
"""The kinds of store for open charts."""

LANGUAGES = ("en", "de", "fr", "es")
"""The languages that pages are written in; `translations/` has a catalogue of each but the first."""

NAME = matching(r"[a-z0-9-]{1,40}", "has other signs, or too many", "1 to 40 small letters, digits and hyphens")
CLIENT_ID = matching(
    r"[\x20-\x7e]+", "has signs that OAuth forbids", "ASCII letters, digits and signs"
)  # RFC 6749, A.1

SIGN_INS = ("smart", "oidc", "none")
"""How the user may sign in: by the EHR's launch, at the hospital's OpenID provider, or (on the loopback) not at all."""

AUTHORIZATIONS = ("smart", "backend", "bearer", "basic", "none")
"""How requests to the FHIR server may be authorized: with the launch's token, or with Sightline's own permission."""

LENIENT = ("ci-sis", "dcm4chee")
"""Invokers whose known deviations from RAD-106 may be forgiven to an EHR."""

REPORTS = ("beside", "only", "none")
"""What reports are to the list: asked for beside the studies, all that there is, or not asked for."""
ARCHIVE_AUTHORIZATIONS = ("none", "bearer", "basic", "backend", "smart")
"""How requests to an archive may be authorized: with Sightline's own permission, or with the token of a launch."""

ASKED_FOR = ("studies", "pictures")
"""What an archive may be asked for: which studies a patient has, and small pictures of their series."""

ISSUER = matching(
    r"(?! )[^\\*?\x00-\x1f\x7f]{1,64}(?<! )",
    "is no issuer of patient numbers",
    "the archive's Issuer of Patient ID (0010,0021): 64 characters at most, without \\, * and ?",
)

DEFAULT_SCOPES = ["launch", "openid", "fhirUser", "patient/Patient.read", "patient/ImagingStudy.read"]

TOP = Table(
    "",
    (
        Key("public_url", origin),
        Key("site_name", text),
        Key("time_zone", time_zone),
        Key("languages", at_least_one(list_of(one_of(*LANGUAGES))), [*LANGUAGES]),
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

STORE = Table(
    "store",
    (Key("kind", one_of(*STORE_KINDS), "sqlite"),),
)

LIMITS = Table(
    "limits",
    (
        Key("launches_a_minute", whole(1, 1_000_000), 600),
        Key("answer_seconds", number(0.1, 300), 20),
        Key("list_seconds", number(0.1, 600), 60),
        Key("answer_megabytes", whole(1, 1024, times=1_000_000), 32, field="answer_bytes"),
        Key("pages", whole(1, 10_000), 50),
        Key("studies", whole(1, 1_000_000), 10_000),
        Key("page_seconds", number(0, 60), 0.3),
        Key("rows_seconds", number(0, 600), 2),
        Key("report_seconds", number(0, 60), 0.3),
        Key("picture_seconds", number(0.1, 60), 5),
    ),
)

OUTBOUND = Table(
    "outbound",
    (
        Key("proxy", or_empty(http_proxy), ""),
        Key("ca_file", or_empty(text), ""),
        Key("in_flight", whole(1, 1000), 48),
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
        Key("sign_in", one_of(*SIGN_INS), "smart"),
        Key("authorization", one_of(*AUTHORIZATIONS), "smart"),
        Key("client_id", or_empty(CLIENT_ID), ""),
        Key("client_authentication", one_of("private_key_jwt", "client_secret_basic", "none"), "client_secret_basic"),
        Key("scopes", scopes, DEFAULT_SCOPES),
        Key("endpoint_origins", list_of(origin), []),
        Key("private_networks", list_of(private_network), []),
        Key("issuer", or_empty(web_address), ""),
        Key("jwks_uri", or_empty(web_address_or_query), ""),
        Key("nonce_required", truth, True),
        Key("required_claim", or_empty(text), ""),
        Key("required_value", or_empty(text), ""),
        Key("backend_client_id", or_empty(CLIENT_ID), ""),
        Key("backend_scopes", list_of(scope), ["system/Patient.rs", "system/ImagingStudy.rs"]),
        Key("frame_ancestors", list_of(origin)),
        Key("search", set_of(one_of("sort", "summary", "include")), []),
        Key("reports", one_of(*REPORTS), "beside"),
        Key("viewer", or_empty(NAME), ""),
        Key("invoke_image_display", truth, False),
        Key("invoke_lenient", set_of(one_of(*LENIENT)), []),
        Key("invoke_authorities", pairs(text, text), {}),
    ),
    many=True,
)

ARCHIVE = Table(
    "archive",
    (
        Key("name", NAME),
        Key("title", text),
        Key("address", web_address),
        Key("wado_address", or_empty(web_address), ""),
        Key("authorization", one_of(*ARCHIVE_AUTHORIZATIONS)),
        Key("ehrs", not_empty(list_of(NAME))),
        Key("asked_for", not_empty(set_of(one_of(*ASKED_FOR))), [*ASKED_FOR]),
        Key("issuers", not_empty(pairs(text, ISSUER))),
        Key("case_sensitive", truth, True),
        Key("issuer_may_be_absent", truth, False),
        Key("institutions", list_of(text), []),
        Key("private_networks", list_of(private_network), []),
        Key("token_endpoint", or_empty(web_address), ""),
        Key("backend_client_id", or_empty(CLIENT_ID), ""),
        Key("backend_scopes", list_of(scope), []),
        Key("answer_seconds", number(0, 300), 0),
        Key("list_seconds", number(0, 600), 0),
        Key("pages", whole(0, 10_000), 0),
        Key("studies", whole(0, 1_000_000), 0),
    ),
    many=True,
    optional=True,
)

VIEWER = Table(
    "viewer",
    (
        Key("name", NAME),
        Key("title", text),
        Key("kind", one_of(*VIEWER_KINDS)),
    ),
    many=True,
    kinds={name: kind.keys for name, kind in VIEWER_KINDS.items()},
)

RULE = Table(
    "rule",
    (
        Key("viewer", NAME),
        Key("modality", list_of(matching(r"[A-Z0-9_]{1,16}", "is no DICOM modality", "a code such as CT or MR")), []),
        Key("body_site", list_of(text), []),
        Key("ehr", list_of(NAME), []),
        Key("archive", list_of(web_address), []),
        Key("organisation", list_of(text), []),
        Key("availability", list_of(one_of("ONLINE", "NEARLINE", "OFFLINE", "UNAVAILABLE")), []),
    ),
    many=True,
    optional=True,
)

TABLES = (TOP, CHART, STORE, LIMITS, OUTBOUND, AUDIT, AUDIT_FHIR, AUDIT_SYSLOG, EHR, ARCHIVE, VIEWER, RULE)
