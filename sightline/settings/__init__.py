"""Sightline's settings: a TOML file and the environment's secrets, read once into frozen values, or refused as a whole.

    keys.py            every key, a row each: what it is called, its check, its default. A new key is one line here
    viewer_kinds.py    the keys that only a viewer of one kind has; viewer_options.py the values they give
    checks.py          what a value must be; addresses.py the same for URLs and origins
    template_address.py   the same for an address with variables
    agreement.py       what blocks must agree on; unknown_names.py what stands in no row
    secrets.py         what comes from the environment
    toml_tables.py     reads tables by such rows; toml_text.py opens the file, toml_lines.py finds the line of a key
    mistakes.py        how a mistake is said

`config.example.toml` explains the same keys to the person who fills them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from sightline.settings import keys, secrets
from sightline.settings.addresses import origin_of
from sightline.settings.agreement import (
    refuse_disagreeing_viewers,
    refuse_rules_of_nothing,
    refuse_twins,
    settle_viewers,
)
from sightline.settings.mistakes import Mistake, SettingsError, Wrong
from sightline.settings.toml_tables import TomlFile
from sightline.settings.unknown_names import refuse_unknown_names
from sightline.settings.viewer_kinds import VIEWER_KINDS

__all__ = [
    "VIEWER_KINDS",
    "ChartSettings",
    "EhrSettings",
    "LimitSettings",
    "Mistake",
    "RuleSettings",
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


Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class ViewerSettings(Generic[Options]):
    """One viewer that studies may be opened in. `options` are its kind's own, see viewer_options.py.

    `open` is `frame`, `tab`, `window`, or `program` for a program on the user's own computer, which has no `address`.
    """

    name: str
    title: str
    kind: str
    address: str
    open: str
    options: Options

    @property
    def origin(self) -> str:
        """The origin of `address`, as a Content Security Policy names it; empty for a program."""
        return origin_of(self.address)


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """For which studies a viewer is chosen: those that meet each condition that is not empty, by any of its words."""

    viewer: str
    modality: tuple[str, ...]
    body_site: tuple[str, ...]
    ehr: tuple[str, ...]
    archive: tuple[str, ...]
    organisation: tuple[str, ...]
    availability: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Every value has passed its check; every EHR's viewer exists."""

    public_url: str
    site_name: str
    time_zone: ZoneInfo
    data_folder: Path
    secret_key: bytes = field(repr=False)
    chart: ChartSettings
    limits: LimitSettings
    ehrs: tuple[EhrSettings, ...]
    viewers: tuple[ViewerSettings[Any], ...]
    rules: tuple[RuleSettings, ...] = ()

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

    def viewer_of(self, ehr: EhrSettings) -> ViewerSettings[Any]:
        """The viewer that opens this EHR's studies where nothing chooses another."""
        return {viewer.name: viewer for viewer in self.viewers}[ehr.viewer]


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings in the TOML file at `path`, with the secrets that `environment` holds or names files of.

    A relative `data_folder` starts at the file's folder. Raises `SettingsError` with every mistake that was found.
    """
    file = TomlFile(path)
    refuse_unknown_names(file)
    top, chart, limits = file.one(keys.TOP), file.one(keys.CHART), file.one(keys.LIMITS)
    ehrs, viewers, rules = file.many(keys.EHR), file.many(keys.VIEWER), file.many(keys.RULE)
    refuse_twins(file, ehrs, "ehr", "name")
    refuse_twins(file, ehrs, "ehr", "iss")
    refuse_twins(file, viewers, "viewer", "name")
    refuse_disagreeing_viewers(file, viewers)
    settle_viewers(file, ehrs, viewers)
    refuse_rules_of_nothing(file, rules, ehrs, viewers)
    _add_client_secrets(file, ehrs, environment)
    _add_secret_key(file, top, environment)
    if file.mistakes:
        raise SettingsError(tuple(sorted(file.mistakes, key=_in_reading_order)))
    return Settings(
        public_url=top["public_url"],
        site_name=top["site_name"],
        time_zone=top["time_zone"],
        data_folder=path.absolute().parent / top["data_folder"],
        secret_key=top["secret_key"],
        chart=ChartSettings(**chart),
        limits=LimitSettings(**limits),
        ehrs=tuple(_ehr(fields) for fields in ehrs),
        viewers=tuple(_viewer(fields) for fields in viewers),
        rules=tuple(RuleSettings(**fields) for fields in rules),
    )


def _ehr(fields: dict[str, Any]) -> EhrSettings:
    origins = dict.fromkeys([origin_of(fields["iss"]), *fields["endpoint_origins"]])
    return EhrSettings(**{**fields, "endpoint_origins": tuple(origins)})


def _viewer(fields: dict[str, Any]) -> ViewerSettings[Any]:
    common = {name: fields.get(name, "") for name in ("name", "title", "kind", "address", "open")}
    own = {name: value for name, value in fields.items() if name not in common}
    return ViewerSettings(**common, options=VIEWER_KINDS[fields["kind"]].options(**own))


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


def _add_secret_key(file: TomlFile, top: dict[str, Any], environment: Mapping[str, str]) -> None:
    try:
        top["secret_key"] = secrets.secret_key(environment)
    except Wrong as wrong:
        file.mistake_elsewhere("environment", wrong.what, wrong.instead)


def _in_reading_order(mistake: Mistake) -> tuple[bool, int, int]:
    return not mistake.line, mistake.line, mistake.column
