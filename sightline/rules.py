"""Use case: does a study meet one of the hospital's rules, and in which words not?"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from sightline.endpoint import Endpoint, Leads
from sightline.patient import Patient
from sightline.settings import EhrSettings, RuleSettings
from sightline.study import Study

Facts = Callable[["Situation"], tuple[str, ...]]


class Situation(Struct, frozen=True, gc=False):
    """What a viewer is chosen by: the study, the EHR it is looked at from, and the addresses that its data names."""

    study: Study
    ehr: EhrSettings
    endpoints: tuple[Endpoint, ...] = ()
    patient: Patient | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A key of `[[rule]]`: what it asks about, in words and as facts, and when a fact is what a rule asks for."""

    key: str
    words: str
    facts: Facts
    meets: Callable[[str, str], bool]


def _equal(asked: str, fact: str) -> bool:
    return asked.casefold() == fact.casefold()


def _whole_words(asked: str, fact: str) -> bool:
    """`ear` is in "Left ear", and not in "Heart"."""
    return f" {asked.casefold()} " in f" {' '.join(fact.casefold().replace(',', ' ').split())} "


def _below(asked: str, fact: str) -> bool:
    """An address that is `asked`, or begins there."""
    return f"{fact}/".startswith(f"{asked.rstrip('/')}/")


CONDITIONS = (
    Condition("modality", "modality", lambda at: at.study.modalities, _equal),
    Condition("body_site", "body site", lambda at: at.study.body_sites, _whole_words),
    Condition("ehr", "EHR", lambda at: (at.ehr.name,), _equal),
    Condition("archive", "archive", lambda at: _archives(at.endpoints), _below),
    Condition("organisation", "organisation", lambda at: _organisations(at.endpoints), _equal),
    Condition("availability", "availability", lambda at: (at.study.availability or "",), _equal),
)


def miss(rule: RuleSettings, at: Situation) -> str:
    """The first condition of the rule that is not met, in words; empty where all are."""
    for condition in CONDITIONS:
        asked, facts = getattr(rule, condition.key), [fact for fact in condition.facts(at) if fact]
        if asked and not any(condition.meets(each, fact) for each in asked for fact in facts):
            if not facts:
                return f"the {condition.words} is not recorded"
            return f"the {condition.words} is {', '.join(facts)}, not {' or '.join(asked)}"
    return ""


def words(rule: RuleSettings) -> str:
    """What the rule asks for: `modality CT or MR, body site chest`; "any study" where it has no condition."""
    asked = ((condition.words, getattr(rule, condition.key)) for condition in CONDITIONS)
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in asked if values) or "any study"


def _archives(endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
    return tuple(endpoint.address for endpoint in endpoints if endpoint.leads is Leads.TO_AN_ARCHIVE)


def _organisations(endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for endpoint in endpoints for name in endpoint.organisation))
