"""Sightline's settings: a TOML file and the environment's secrets, read once into frozen values, or refused as a whole.

    keys.py            every key, a row each: what it is called, its check, its default. A new key is one line here
    checks.py          what a value must be; addresses.py the same for URLs and origins
    agreement.py       what blocks must agree on; unknown_names.py what stands in no row
    secrets.py         what comes from the environment
    toml_tables.py     reads tables by such rows; toml_text.py opens the file, toml_lines.py finds the line of a key
    mistakes.py        how a mistake is said

`config.example.toml` explains the same keys to the person who fills them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sightline.settings import keys, secrets
from sightline.settings.addresses import origin_of
from sightline.settings.agreement import refuse_twins, refuse_wrong_addresses, settle_files, settle_viewers
from sightline.settings.keys import VIEWER_KINDS
from sightline.settings.mistakes import Mistake, SettingsError, Wrong
from sightline.settings.toml_tables import TomlFile
from sightline.settings.unknown_names import refuse_unknown_names

__all__ = [
    "VIEWER_KINDS",
    "AuditFhirSettings",
    "AuditSettings",
    "AuditSyslogSettings",
    "ChartSettings",
    "EhrSettings",
    "LimitSettings",
    "Mistake",
    "Settings",
    "SettingsError",
    "ViewerSettings",
    "load",
]


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """How long a launched chart stays open: without any request, and in any case."""

    idle_seconds: int
    absolute_seconds: int


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How much one source may cost: seconds per answer and per list, decoded bytes of an answer, pages, studies."""

    answer_seconds: float
    list_seconds: float
    answer_bytes: int
    pages: int
    studies: int


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """How the trail is written: whether anything is shown that it could not record; waited for until it is on the disk.

    A full file is one of `file_bytes`, or of one day; it is kept for so many days after it was delivered, 0: for ever.
    """

    required: bool
    sync: bool
    file_bytes: int
    keep_days: int


@dataclass(frozen=True, slots=True)
class AuditFhirSettings:
    """The FHIR base that AuditEvents are posted to; empty: to none. `token` is empty for one that asks for none."""

    base: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditSyslogSettings:
    """The server that takes audit messages by syslog over TLS; None: none. Files that are not given are None."""

    server: tuple[str, int] | None
    ca_file: Path | None
    certificate_file: Path | None
    key_file: Path | None


@dataclass(frozen=True, slots=True)
class EhrSettings:
    """One EHR that may launch Sightline.

    `endpoint_origins` begins with the origin of `iss`. `client_secret` is empty for a public client. `viewer` is the
    name of a viewer, the first one's where the file names none.
    """

    name: str
    title: str
    iss: str
    client_id: str
    client_authentication: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]
    endpoint_origins: tuple[str, ...]
    issuer: str
    jwks_uri: str
    nonce_required: bool
    frame_ancestors: tuple[str, ...]
    search: frozenset[str]
    viewer: str


@dataclass(frozen=True, slots=True)
class ViewerSettings:
    """One viewer that studies may be opened in."""

    name: str
    title: str
    kind: str
    address: str
    open: str
    viewer_type: str

    @property
    def origin(self) -> str:
        """The origin of `address`, as a Content Security Policy names it."""
        return origin_of(self.address)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Every value has passed its check; every EHR's viewer exists.

    `trusted_proxies` is the number of our own reverse proxies that a request comes through.
    """

    public_url: str
    site_name: str
    time_zone: ZoneInfo
    data_folder: Path
    trusted_proxies: int
    secret_key: bytes = field(repr=False)
    chart: ChartSettings
    limits: LimitSettings
    audit: AuditSettings
    audit_fhir: AuditFhirSettings
    audit_syslog: AuditSyslogSettings
    ehrs: tuple[EhrSettings, ...]
    viewers: tuple[ViewerSettings, ...]

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
        return next((ehr for ehr in self.ehrs if _same_iss(ehr.iss, iss)), None)

    def viewer_of(self, ehr: EhrSettings) -> ViewerSettings:
        """The viewer that opens this EHR's studies."""
        return {viewer.name: viewer for viewer in self.viewers}[ehr.viewer]


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings in the TOML file at `path`, with the secrets that `environment` holds or names files of.

    A relative `data_folder` starts at the file's folder. Raises `SettingsError` with every mistake that was found.
    """
    file = TomlFile(path)
    refuse_unknown_names(file)
    top, chart, limits = file.one(keys.TOP), file.one(keys.CHART), file.one(keys.LIMITS)
    audit, audit_fhir, audit_syslog = file.one(keys.AUDIT), file.one(keys.AUDIT_FHIR), file.one(keys.AUDIT_SYSLOG)
    ehrs, viewers = file.many(keys.EHR), file.many(keys.VIEWER)
    refuse_twins(file, ehrs, "ehr", "name")
    refuse_twins(file, ehrs, "ehr", "iss")
    refuse_twins(file, viewers, "viewer", "name")
    refuse_wrong_addresses(file, viewers)
    settle_viewers(file, ehrs, viewers)
    settle_files(file, audit_syslog, path.absolute().parent)
    _add_client_secrets(file, ehrs, environment)
    _add_audit_token(file, audit_fhir, environment)
    _add_secret_key(file, top, environment)
    if file.mistakes:
        raise SettingsError(tuple(sorted(file.mistakes, key=_in_reading_order)))
    return Settings(
        public_url=top["public_url"],
        site_name=top["site_name"],
        time_zone=top["time_zone"],
        data_folder=path.absolute().parent / top["data_folder"],
        trusted_proxies=top["trusted_proxies"],
        secret_key=top["secret_key"],
        chart=ChartSettings(**chart),
        limits=LimitSettings(**limits),
        audit=AuditSettings(**audit),
        audit_fhir=AuditFhirSettings(**audit_fhir),
        audit_syslog=AuditSyslogSettings(**audit_syslog),
        ehrs=tuple(_ehr(fields) for fields in ehrs),
        viewers=tuple(ViewerSettings(**fields) for fields in viewers),
    )


def _ehr(fields: dict[str, Any]) -> EhrSettings:
    origins = dict.fromkeys([origin_of(fields["iss"]), *fields["endpoint_origins"]])
    return EhrSettings(**{**fields, "endpoint_origins": tuple(origins)})


def _same_iss(one: str, other: str) -> bool:
    return one.removesuffix("/") == other.removesuffix("/")


def _add_client_secrets(file: TomlFile, ehrs: list[dict[str, Any]], environment: Mapping[str, str]) -> None:
    for nth, ehr in enumerate(ehrs):
        ehr["client_secret"] = ""
        if "name" in ehr and ehr.get("client_authentication") == "client_secret_basic":
            try:
                ehr["client_secret"] = secrets.client_secret(ehr["name"], environment)
            except Wrong as wrong:
                file.mistake(("ehr", nth, "client_authentication"), wrong.what, wrong.instead)


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


def _in_reading_order(mistake: Mistake) -> tuple[bool, int, int]:
    return not mistake.line, mistake.line, mistake.column
