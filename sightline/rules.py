"""Use case: does a study meet one of the hospital's rules, and in which words not?"""

from collections.abc import Callable
from functools import lru_cache, reduce
from typing import NamedTuple

from msgspec import Struct

from sightline.endpoint import Endpoint, Leads
from sightline.invoked import NO_WISHES, Wishes
from sightline.patient import Patient
from sightline.phrase import Phrase, either
from sightline.settings import EhrSettings, RuleSettings
from sightline.settings.addresses import origin_of
from sightline.study import Study

Facts = Callable[["Situation"], tuple[str, ...]]


class Situation(Struct, frozen=True, gc=False):
    """What a viewer is chosen by: the study, the EHR it is looked at from, and the addresses that its data names.

    `footnotes` are sentences on the addresses that are not among these. `wishes` are passed on, and choose nothing.
    """

    study: Study
    ehr: EhrSettings
    endpoints: tuple[Endpoint, ...] = ()
    patient: Patient | None = None
    footnotes: tuple[str, ...] = ()
    wishes: Wishes = NO_WISHES


class Miss(NamedTuple):
    """A condition that is not met: its key, and how in words."""

    key: str
    words: Phrase


class Condition(Struct, frozen=True):
    """A key of `[[rule]]`: what it asks about, as facts, and when a fact is what a rule asks for.

    In words: what a rule asks for, and that it is otherwise or not recorded. `shown` is what people are told of a fact.
    """

    key: str
    asks: Phrase
    missed: Phrase
    unrecorded: Phrase
    facts: Facts
    meets: Callable[[str, str], bool]
    shown: Callable[[str], str] = str


def _equal(asked: str, fact: str) -> bool:
    return asked.casefold() == fact.casefold()


def _whole_words(asked: str, fact: str) -> bool:
    """`ear` is in "Left ear", and not in "Heart"."""
    return f" {asked.casefold()} " in f" {' '.join(fact.casefold().replace(',', ' ').split())} "


def _below(asked: str, fact: str) -> bool:
    """An address that is `asked`, or begins there."""
    return f"{fact}/".startswith(f"{asked.rstrip('/')}/")


CONDITIONS = (
    Condition(
        "modality",
        Phrase("modality %(asked)s"),
        Phrase("the modality is %(there)s, not %(asked)s"),
        Phrase("the modality is not recorded"),
        lambda at: at.study.modalities,
        _equal,
    ),
    Condition(
        "body_site",
        Phrase("body site %(asked)s"),
        Phrase("the body site is %(there)s, not %(asked)s"),
        Phrase("the body site is not recorded"),
        lambda at: at.study.body_sites,
        _whole_words,
    ),
    Condition(
        "ehr",
        Phrase("EHR %(asked)s"),
        Phrase("the EHR is %(there)s, not %(asked)s"),
        Phrase("the EHR is not recorded"),
        lambda at: (at.ehr.name,),
        _equal,
    ),
    # An address may name the study by its UID, or the patient: its origin is all that stands on a page.
    Condition(
        "archive",
        Phrase("archive %(asked)s"),
        Phrase("the archive is %(there)s, not %(asked)s"),
        Phrase("the archive is not recorded"),
        lambda at: _archives(at.endpoints),
        _below,
        origin_of,
    ),
    Condition(
        "organisation",
        Phrase("organisation %(asked)s"),
        Phrase("the organisation is %(there)s, not %(asked)s"),
        Phrase("the organisation is not recorded"),
        lambda at: _organisations(at.endpoints),
        _equal,
    ),
    Condition(
        "availability",
        Phrase("availability %(asked)s"),
        Phrase("the availability is %(there)s, not %(asked)s"),
        Phrase("the availability is not recorded"),
        lambda at: (at.study.availability or "",),
        _equal,
    ),
)


def miss(rule: RuleSettings, at: Situation) -> Miss | None:
    """The first condition of the rule that is not met; None where all are."""
    for condition in CONDITIONS:
        asked, facts = getattr(rule, condition.key), [fact for fact in condition.facts(at) if fact]
        if asked and not any(condition.meets(each, fact) for each in asked for fact in facts):
            if not facts:
                return Miss(condition.key, condition.unrecorded)
            there = ", ".join(dict.fromkeys(map(condition.shown, facts)))
            return Miss(condition.key, _missed(condition.missed, there, tuple(asked)))
    return None


def asks_for_addresses(rule: RuleSettings) -> bool:
    """Whether it matters to the rule which addresses the data names."""
    return bool(rule.archive or rule.organisation)


def words(rule: RuleSettings) -> Phrase:
    """What the rule asks for: `modality CT or MR, body site chest`; "any study" where it has no condition."""
    asked = ((condition.asks, getattr(rule, condition.key)) for condition in CONDITIONS)
    said = [Phrase(asks, asked=either(values)) for asks, values in asked if values]
    return reduce(lambda some, more: Phrase("%(some)s, %(more)s", some=some, more=more), said) if said else _ANY


_ANY = Phrase("any study")


@lru_cache(1024)
def _missed(message: str, there: str, asked: tuple[str, ...]) -> Phrase:
    """Kept, since rows of a list miss the same rules in the same way."""
    return Phrase(message, there=there, asked=either(asked))


def _archives(endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
    return tuple(endpoint.address for endpoint in endpoints if endpoint.leads is Leads.TO_AN_ARCHIVE)


def _organisations(endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for endpoint in endpoints for name in endpoint.organisation))
