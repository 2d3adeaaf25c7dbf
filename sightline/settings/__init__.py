"""Sightline's settings: a TOML file and the environment's secrets, read once into frozen values, or refused as a whole.

    keys.py            every key, a row each: what it is called, its check, its default. A new key is one line here
    viewer_kinds.py    the keys that only a viewer of one kind has; viewer_options.py the values they give
    checks.py          what a value must be; addresses.py the same for URLs and origins
    template_address.py   the same for an address with variables
    archives.py        what an archive's block must say, and its limits
    agreement.py       what blocks must agree on; unknown_names.py what stands in no row
    sign_in.py         what an EHR's way of signing in needs, and which ways go together
    secrets.py         what comes from the environment; client_keys.py our own keys among it
    toml_tables.py     reads tables by such rows; toml_text.py opens the file, toml_lines.py finds the line of a key
    mistakes.py        how a mistake is said

`config.example.toml` explains the same keys to the person who fills them in.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from sightline.settings import keys, secrets
from sightline.settings.addresses import Network, origin_of
from sightline.settings.agreement import (
    refuse_disagreeing_viewers,
    refuse_idle_invocations,
    refuse_rules_of_nothing,
    refuse_twins,
    refuse_viewers_on_our_origin,
    refuse_wrong_clients,
    settle_authorities,
    settle_files,
    settle_viewers,
)
from sightline.settings.archives import OWN_LIMITS, settle_archives
from sightline.settings.client_keys import CLIENT_ALGORITHMS, PROOF_ALGORITHMS, client_keys
from sightline.settings.keys import ARCHIVE_AUTHORIZATIONS, AUTHORIZATIONS, LANGUAGES, SIGN_INS, STORE_KINDS
from sightline.settings.mistakes import Mistake, SettingsError, Wrong
from sightline.settings.sign_in import settle_sign_ins
from sightline.settings.toml_tables import TomlFile
from sightline.settings.unknown_names import refuse_unknown_names
from sightline.settings.viewer_kinds import FRAMED, VIEWER_KINDS

__all__ = [
    "ARCHIVE_AUTHORIZATIONS",
    "AUTHORIZATIONS",
    "LANGUAGES",
    "SIGN_INS",
    "STORE_KINDS",
    "VIEWER_KINDS",
    "ArchiveSettings",
    "AuditFhirSettings",
    "AuditSettings",
    "AuditSyslogSettings",
    "ChartSettings",
    "EhrSettings",
    "LimitSettings",
    "Mistake",
    "OutboundSettings",
    "RuleSettings",
    "Settings",
    "SettingsError",
    "StoreSettings",
    "ViewerSettings",
    "load",
]


class _WithSecrets(Struct, frozen=True):
    """Shows no secret where it is printed, in a log or a traceback."""

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in _SECRETS)
        return f"{type(self).__name__}({', '.join(shown)})"


_SECRETS = frozenset(
    {"redis_url", "token", "client_secret", "bearer_token", "basic_password", "secret_key", "client_keys"}
)


class ChartSettings(Struct, frozen=True):
    """How long a launched chart stays open: without any request, and in any case."""

    idle_seconds: int
    absolute_seconds: int


class StoreSettings(_WithSecrets, frozen=True):
    """Where open charts are kept. `redis_url`, which may hold a password, is empty for every other kind."""

    kind: str
    redis_url: str


class LimitSettings(Struct, frozen=True):
    """How often one address may launch, and how much one source may cost.

    That is: seconds per answer and per list, decoded bytes of an answer, pages, studies. `page_seconds` is how long the
    list page waits for them before it begins, `rows_seconds` how long for all of them before it shows what there is,
    `report_seconds` how long rows that could be shown wait for what reports there are. `picture_seconds` is how long
    one small picture of a series may take.
    """

    launches_a_minute: int
    answer_seconds: float
    list_seconds: float
    answer_bytes: int
    pages: int
    studies: int
    page_seconds: float
    rows_seconds: float
    report_seconds: float
    picture_seconds: float


class OutboundSettings(Struct, frozen=True):
    """How Sightline reaches other servers: without `proxy` directly, without `ca_file` by the machine's authorities.

    `in_flight` is how many requests to one origin may be under way at once in each process.
    """

    proxy: str
    ca_file: Path | None
    in_flight: int


class AuditSettings(Struct, frozen=True):
    """How the trail is written: whether anything is shown that it could not record; waited for until it is on the disk.

    A full file is one of `file_bytes`, or of one day; it is kept for so many days after it was delivered, 0: for ever.
    """

    required: bool
    sync: bool
    file_bytes: int
    keep_days: int


class AuditFhirSettings(_WithSecrets, frozen=True):
    """The FHIR base that AuditEvents are posted to; empty: to none. `token` is empty for one that asks for none."""

    base: str
    token: str


class AuditSyslogSettings(Struct, frozen=True):
    """The server that takes audit messages by syslog over TLS; None: none. Files that are not given are None."""

    server: tuple[str, int] | None
    ca_file: Path | None
    certificate_file: Path | None
    key_file: Path | None


class EhrSettings(_WithSecrets, frozen=True):
    """One EHR that may launch Sightline, or whose patients its users look up (`sign_in` other than "smart").

    `endpoint_origins` begins with the origin of `iss`; with "oidc" the origin of `issuer` follows. `private_networks`
    are those on which its servers may be found. `client_secret` is empty for a public client. `viewer` is the name of a
    viewer, the first one's where the file names none. `invoke_image_display`: it may ask for images by RAD-106, with
    the deviations of `invoke_lenient`; `invoke_authorities` pairs an HL7 assigning authority with its FHIR system.
    `reports` is `beside`, `only` or `none`.
    """

    name: str
    title: str
    iss: str
    sign_in: str
    authorization: str
    client_id: str
    client_authentication: str
    client_secret: str
    scopes: tuple[str, ...]
    endpoint_origins: tuple[str, ...]
    private_networks: tuple[Network, ...]
    issuer: str
    jwks_uri: str
    nonce_required: bool
    required_claim: str
    required_value: str
    backend_client_id: str
    backend_scopes: tuple[str, ...]
    bearer_token: str
    basic_user: str
    basic_password: str
    frame_ancestors: tuple[str, ...]
    search: frozenset[str]
    reports: str
    viewer: str
    invoke_image_display: bool = False
    invoke_lenient: frozenset[str] = frozenset()
    invoke_authorities: tuple[tuple[str, str], ...] = ()

    @property
    def origin(self) -> str:
        """The origin of `iss`."""
        return self.endpoint_origins[0]

    @property
    def listed_kind(self) -> str:
        """The kind of FHIR resource that the list is made of, and that must be permitted for there to be a list."""
        return "DiagnosticReport" if self.reports == "only" else "ImagingStudy"

    @property
    def identity(self) -> str:
        """A digest of what makes this EHR that EHR: its servers, and who Sightline is there.

        What was opened or begun with one is never gone on with at another that has taken over its name.
        """
        made_of = (self.iss, self.issuer, self.sign_in, self.authorization, self.client_id, self.backend_client_id)
        return _digest(made_of)


@lru_cache(64)
def _digest(texts: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


class ArchiveSettings(_WithSecrets, frozen=True):
    """One DICOMweb server that is asked for the studies of the patients of the EHRs it serves (`ehrs`, their names).

    `asked_for` holds `studies`, `pictures`, or both.
    `address` is its QIDO-RS root, `wado_address` that of WADO-RS, both without a slash at the end. `issuers` are pairs:
    a FHIR identifier system, and the Issuer of Patient ID (0010,0021) under which the archive keeps those numbers.
    `institutions` are the names of the house's own (0008,0080); none where nobody is a stranger.
    """

    name: str
    title: str
    address: str
    wado_address: str
    authorization: str
    ehrs: tuple[str, ...]
    asked_for: frozenset[str]
    issuers: tuple[tuple[str, str], ...]
    case_sensitive: bool
    issuer_may_be_absent: bool
    institutions: tuple[str, ...]
    private_networks: tuple[Network, ...]
    token_endpoint: str
    backend_client_id: str
    backend_scopes: tuple[str, ...]
    bearer_token: str
    basic_user: str
    basic_password: str
    limits: LimitSettings


Options = TypeVar("Options")


class ViewerSettings(Struct, Generic[Options], frozen=True):
    """One viewer that studies may be opened in. `options` are its kind's own, see viewer_options.py.

    `open` is `frame`, `tab`, `window`, `auto` (a frame, unless the viewer is known to refuse it), `split` (so too, with
    the list beside it), or `program` for a program on the user's own computer, which has no `address`. `method` is how
    it is asked over the web, `get` or `post`. `frame_origins` are other origins that its frame may be led to; `sandbox`
    holds that frame back. `ready_message` is the JSON of what its page posts when it is ready, or of some fields of
    that; empty where it posts nothing. `proof` is the parameter that carries a signed statement, empty where it wants
    none; that is made out to `proof_audience` and names the patient by a number of `proof_patient_system`, if that is
    not empty.
    """

    name: str
    title: str
    kind: str
    address: str
    open: str
    options: Options
    frame_origins: tuple[str, ...] = ()
    ready_message: str = ""
    sandbox: bool = True
    method: str = "get"
    proof: str = ""
    proof_audience: str = ""
    proof_patient_system: str = ""

    @property
    def may_be_framed(self) -> bool:
        """Whether the settings let it stand in a frame of ours at all."""
        return self.open in FRAMED

    @property
    def gives_way(self) -> bool:
        """Whether it opens in a tab where it is known to refuse our frame."""
        return self.open in ("auto", "split")

    @property
    def origin(self) -> str:
        """The origin of `address`, as a Content Security Policy names it; empty for a program."""
        return origin_of(self.address)


class RuleSettings(Struct, frozen=True):
    """For which studies a viewer is chosen: those that meet each condition that is not empty, by any of its words."""

    viewer: str
    modality: tuple[str, ...]
    body_site: tuple[str, ...]
    ehr: tuple[str, ...]
    archive: tuple[str, ...]
    organisation: tuple[str, ...]
    availability: tuple[str, ...]


class Settings(_WithSecrets, frozen=True):
    """All settings. Every value has passed its check; every EHR's viewer exists.

    `trusted_proxies` is the number of our own reverse proxies that a request comes through. `client_keys` is a JWK Set
    of private keys as text, empty where there is none. `languages` are those that pages may be in, the site's first.
    """

    public_url: str
    site_name: str
    time_zone: ZoneInfo
    languages: tuple[str, ...]
    data_folder: Path
    trusted_proxies: int
    secret_key: bytes
    chart: ChartSettings
    store: StoreSettings
    limits: LimitSettings
    outbound: OutboundSettings
    audit: AuditSettings
    audit_fhir: AuditFhirSettings
    audit_syslog: AuditSyslogSettings
    ehrs: tuple[EhrSettings, ...]
    viewers: tuple[ViewerSettings[Any], ...]
    rules: tuple[RuleSettings, ...] = ()
    archives: tuple[ArchiveSettings, ...] = ()
    client_keys: str = ""

    @property
    def secure(self) -> bool:
        """Whether browsers reach Sightline by https."""
        return self.public_url.startswith("https:")

    def ehr(self, name: str) -> EhrSettings | None:
        """The EHR of this name."""
        return next((ehr for ehr in self.ehrs if ehr.name == name), None)

    def ehr_by_iss(self, iss: str) -> EhrSettings | None:
        """The EHR that launches with this `iss` (SMART App Launch 2.2, "EHR launch"), compared letter by letter.

        Only one slash at the end, more or less, is forgiven: EHRs differ in it from what their own manuals say.
        """
        return next((ehr for ehr in self.ehrs if ehr.sign_in == "smart" and _same_iss(ehr.iss, iss)), None)

    def archives_of(self, ehr: EhrSettings) -> tuple[ArchiveSettings, ...]:
        """The archives that serve this EHR."""
        return tuple(archive for archive in self.archives if ehr.name in archive.ehrs)

    def viewer(self, name: str) -> ViewerSettings[Any]:
        """The viewer of this name, which the settings' checks have found there. Raises KeyError."""
        for viewer in self.viewers:
            if viewer.name == name:
                return viewer
        raise KeyError(name)


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings in the TOML file at `path`, with the secrets that `environment` holds or names files of.

    A relative `data_folder` or `ca_file` starts at the file's folder. Raises `SettingsError` with every mistake that
    was found.
    """
    file = TomlFile(path)
    refuse_unknown_names(file)
    top, chart, limits = file.one(keys.TOP), file.one(keys.CHART), file.one(keys.LIMITS)
    store, outbound = file.one(keys.STORE), file.one(keys.OUTBOUND)
    audit, audit_fhir, audit_syslog = file.one(keys.AUDIT), file.one(keys.AUDIT_FHIR), file.one(keys.AUDIT_SYSLOG)
    ehrs, archives = file.many(keys.EHR), file.many(keys.ARCHIVE)
    viewers, rules = file.many(keys.VIEWER), file.many(keys.RULE)
    refuse_twins(file, ehrs, "ehr", "name")
    refuse_twins(file, [ehr if ehr.get("sign_in") == "smart" else {} for ehr in ehrs], "ehr", "iss")
    refuse_twins(file, archives, "archive", "name")
    refuse_twins(file, viewers, "viewer", "name")
    refuse_disagreeing_viewers(file, viewers)
    refuse_viewers_on_our_origin(file, viewers, top.get("public_url", ""))
    settle_authorities(file, outbound, path.absolute().parent)
    refuse_wrong_clients(file, ehrs)
    refuse_idle_invocations(file, ehrs)
    settle_viewers(file, ehrs, viewers)
    refuse_rules_of_nothing(file, rules, ehrs, viewers)
    settle_sign_ins(file, ehrs, top.get("public_url", ""))
    settle_archives(file, archives, ehrs, limits)
    settle_files(file, audit_syslog, path.absolute().parent)
    _add_client_secrets(file, ehrs, environment)
    _add_access_secrets(file, ehrs, environment, "ehr")
    _add_access_secrets(file, archives, environment, "archive")
    _add_client_keys(file, top, [("ehr", ehrs), ("archive", archives)], viewers, environment)
    _add_audit_token(file, audit_fhir, environment)
    _add_secret_key(file, top, environment)
    _add_redis_url(file, store, environment)
    if file.mistakes:
        raise SettingsError(tuple(sorted(file.mistakes, key=_in_reading_order)))
    return Settings(
        public_url=top["public_url"],
        site_name=top["site_name"],
        time_zone=top["time_zone"],
        languages=top["languages"],
        data_folder=path.absolute().parent / top["data_folder"],
        trusted_proxies=top["trusted_proxies"],
        secret_key=top["secret_key"],
        chart=ChartSettings(**chart),
        store=StoreSettings(**store),
        limits=LimitSettings(**limits),
        outbound=OutboundSettings(**outbound),
        audit=AuditSettings(**audit),
        audit_fhir=AuditFhirSettings(**audit_fhir),
        audit_syslog=AuditSyslogSettings(**audit_syslog),
        ehrs=tuple(_ehr(fields) for fields in ehrs),
        viewers=tuple(_viewer(fields) for fields in viewers),
        rules=tuple(RuleSettings(**fields) for fields in rules),
        archives=tuple(_archive(fields, LimitSettings(**limits)) for fields in archives),
        client_keys=top["client_keys"],
    )


def _ehr(fields: dict[str, Any]) -> EhrSettings:
    issuer = [origin_of(fields["issuer"])] if fields["sign_in"] == "oidc" else []
    origins = dict.fromkeys([origin_of(fields["iss"]), *issuer, *fields["endpoint_origins"]])
    return EhrSettings(**{**fields, "endpoint_origins": tuple(origins)})


def _archive(fields: dict[str, Any], limits: LimitSettings) -> ArchiveSettings:
    own = {key: fields[key] for key in OWN_LIMITS}
    facts = {key: value for key, value in fields.items() if key not in own}
    return ArchiveSettings(**facts, limits=replace(limits, **own))


def _viewer(fields: dict[str, Any]) -> ViewerSettings[Any]:
    common = {name: fields[name] for name in _OF_EVERY_VIEWER if name in fields}
    own = {name: value for name, value in fields.items() if name not in common}
    common["proof_audience"] = fields.get("proof_audience") or origin_of(fields.get("address", ""))
    return ViewerSettings(**{"address": "", **common}, options=VIEWER_KINDS[fields["kind"]].options(**own))


def _same_iss(one: str, other: str) -> bool:
    return one.removesuffix("/") == other.removesuffix("/")


def _add_client_secrets(file: TomlFile, ehrs: list[dict[str, Any]], environment: Mapping[str, str]) -> None:
    for nth, ehr in enumerate(ehrs):
        ehr["client_secret"] = ""
        proven = ehr.get("sign_in") != "none" and ehr.get("client_authentication") == "client_secret_basic"
        if "name" in ehr and proven:
            try:
                ehr["client_secret"] = secrets.client_secret(ehr["name"], environment)
            except Wrong as wrong:
                file.mistake(("ehr", nth, "client_authentication"), wrong.what, wrong.instead)


def _add_access_secrets(
    file: TomlFile, servers: list[dict[str, Any]], environment: Mapping[str, str], table: str
) -> None:
    """What Sightline shows an EHR's FHIR server or an archive as its own permission: a token, or user and password."""
    for nth, server in enumerate(servers):
        server |= dict.fromkeys(secrets.ACCESS, "")
        wanted = [key for key, (mode, _) in secrets.ACCESS.items() if mode == server.get("authorization")]
        for key in wanted if "name" in server else []:
            try:
                server[key] = secrets.access_secret(server["name"], key, environment, table)
            except Wrong as wrong:
                file.mistake((table, nth, "authorization"), wrong.what, wrong.instead)


def _add_client_keys(
    file: TomlFile,
    top: dict[str, Any],
    servers: list[tuple[str, list[dict[str, Any]]]],
    viewers: list[dict[str, Any]],
    environment: Mapping[str, str],
) -> None:
    proving = [
        (table, nth, key)
        for table, blocks in servers
        for nth, block in enumerate(blocks)
        for key, way in _SIGNING
        if block.get(key) == way
    ]
    showing = [("viewer", nth, "proof") for nth, viewer in enumerate(viewers) if viewer.get("proof")]
    for first, algorithms in ((proving[:1], CLIENT_ALGORITHMS), (showing[:1], PROOF_ALGORITHMS)):
        try:
            top["client_keys"] = client_keys(environment, needed=algorithms if first else ())
        except Wrong as wrong:
            if first:
                file.mistake(first[0], wrong.what, wrong.instead)
            else:
                file.mistake_elsewhere("environment", wrong.what, wrong.instead)
            return


def _add_audit_token(file: TomlFile, audit_fhir: dict[str, Any], environment: Mapping[str, str]) -> None:
    audit_fhir["token"] = ""
    if audit_fhir.pop("authentication", "") == "bearer" and audit_fhir.get("base"):
        try:
            audit_fhir["token"] = secrets.audit_fhir_token(environment)
        except Wrong as wrong:
            file.mistake(("audit_fhir", "base"), wrong.what, wrong.instead)


def _add_secret_key(file: TomlFile, top: dict[str, Any], environment: Mapping[str, str]) -> None:
    try:
        top["secret_key"] = secrets.secret_key(environment)
    except Wrong as wrong:
        file.mistake_elsewhere("environment", wrong.what, wrong.instead)


def _add_redis_url(file: TomlFile, store: dict[str, Any], environment: Mapping[str, str]) -> None:
    store["redis_url"] = ""
    if store.get("kind") == "redis":
        try:
            store["redis_url"] = secrets.redis_url(environment)
        except Wrong as wrong:
            file.mistake(("store", "kind"), wrong.what, wrong.instead)


_OF_EVERY_VIEWER = (
    "name", "title", "kind", "address", "open", "frame_origins", "ready_message", "sandbox", "method", "proof",
    "proof_audience", "proof_patient_system",
)  # fmt: skip

# What proves itself with one of our own keys.
_SIGNING = (("client_authentication", "private_key_jwt"), ("authorization", "backend"))


def _in_reading_order(mistake: Mistake) -> tuple[bool, int, int]:
    return not mistake.line, mistake.line, mistake.column
