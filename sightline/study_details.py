"""What is known of one study beyond its row in the list, for the page that is about nothing else."""

from msgspec import Struct


class Series(Struct, frozen=True, gc=False):
    """One series. `side` is `L`, `R` or `B`; what the source does not give is None or empty."""

    uid: str | None = None
    number: int | None = None
    modality: str = ""
    description: str = ""
    body_site: str = ""
    side: str = ""
    instance_count: int | None = None


class Identifier(Struct, frozen=True, gc=False):
    """A number of the study, with the words that its source labels it with; empty for none."""

    label: str
    value: str


class StudyDetails(Struct, frozen=True, gc=False):
    """All as recorded, in words. `series` is in the order of their numbers; empty where the source gives none."""

    series: tuple[Series, ...] = ()
    referrer: str = ""
    performers: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    location: str = ""
    notes: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
