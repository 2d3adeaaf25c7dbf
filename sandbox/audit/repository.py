"""AuditEvents as they came, the newest first, and what people ask of them: who, what, whose, from where."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.fhir.parts import Resource

MOST = 1000


class NotAnAuditEvent(ValueError):
    """What is missing or wrong, for the answer."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a row of the page; what the event does not say is empty."""

    recorded: str
    what: str
    who: str
    patient: str
    study: str
    outcome: str
    browser: str
    request: str


class Repository:
    """The last events. An event that came before, under the same id of its record, is counted and not kept again."""

    def __init__(self) -> None:
        self.events: deque[Resource] = deque(maxlen=MOST)
        self.repeated = 0

    def take(self, event: Any) -> None:
        """Keeps it. NotAnAuditEvent where an element is missing that R4 requires."""
        check(event)
        own = identifier_of(event, "4")
        if own and any(identifier_of(kept, "4") == own for kept in self.events):
            self.repeated += 1
        else:
            self.events.appendleft(event)

    def lines(self) -> list[Line]:
        """All that is kept, the newest first."""
        return [line(event) for event in self.events]


def check(event: Any) -> None:
    """R4 AuditEvent: type, recorded, each agent's requestor and the source's observer are required."""
    if not isinstance(event, dict) or event.get("resourceType") != "AuditEvent":
        raise NotAnAuditEvent("not an AuditEvent")
    if "id" in event:
        raise NotAnAuditEvent("id must not be given on create")
    if not (isinstance(event.get("type"), dict) and event["type"].get("code")):
        raise NotAnAuditEvent("type is missing")
    agents = event.get("agent")
    if not isinstance(agents, list) or not agents:
        raise NotAnAuditEvent("agent is missing")
    if not all(isinstance(agent, dict) and isinstance(agent.get("requestor"), bool) for agent in agents):
        raise NotAnAuditEvent("agent.requestor is missing")
    if not isinstance(event.get("source"), dict) or not event["source"].get("observer"):
        raise NotAnAuditEvent("source.observer is missing")
    if not all(_is_entity(entity) for entity in event.get("entity", [])):
        raise NotAnAuditEvent("entity is malformed")
    try:
        aware = datetime.fromisoformat(str(event.get("recorded"))).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise NotAnAuditEvent("recorded is no instant")


def _is_entity(entity: Any) -> bool:
    parts = [entity.get("type", {}), entity.get("what", {})] if isinstance(entity, dict) else [None]
    return all(isinstance(part, dict) for part in parts)


def line(event: Resource) -> Line:
    """The row of one event."""
    return Line(
        recorded=str(event["recorded"])[:19].replace("T", " "),
        what=_what(event),
        who=_who(event),
        patient=_last_part(_entity(event, "1").get("what", {}).get("reference", "")),
        study=identifier_of(event, "2"),
        outcome=str(event.get("outcomeDesc", event.get("outcome", ""))),
        browser=next((a["network"]["address"] for a in event["agent"] if _network(a) == "2"), ""),
        request=identifier_of(event, "XrequestId"),
    )


def identifier_of(event: Resource, kind: str) -> str:
    """The identifier of the first entity of that type that has one."""
    entities = (entity for entity in event.get("entity", []) if entity.get("type", {}).get("code") == kind)
    found = (entity.get("what", {}).get("identifier", {}).get("value", "") for entity in entities)
    return next((str(value) for value in found if value), "")


def _entity(event: Resource, kind: str) -> Resource:
    entities = event.get("entity", [])
    return next((entity for entity in entities if entity.get("type", {}).get("code") == kind), {})


def _what(event: Resource) -> str:
    subtypes = event.get("subtype") or [event["type"]]
    return str(subtypes[-1].get("display") or subtypes[-1].get("code", ""))


def _who(event: Resource) -> str:
    asking = next((agent for agent in event["agent"] if agent["requestor"]), event["agent"][0])
    who = asking.get("who", {})
    return _last_part(who.get("reference", "")) or who.get("identifier", {}).get("value", "") or who.get("display", "")


def _network(agent: Resource) -> str:
    return str(agent.get("network", {}).get("type", ""))


def _last_part(reference: str) -> str:
    return "/".join(reference.split("/")[-2:])
