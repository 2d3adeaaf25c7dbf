"""The hospital's time zone. What it recorded without an offset is meant in it, and FHIR wants an offset."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")


def zoned(text: str) -> str:
    """A FHIR date or dateTime; a time of day without an offset gets the hospital's of that day (R4 datatypes)."""
    if "T" not in text:
        return text
    moment = datetime.fromisoformat(text)
    return text if moment.tzinfo else moment.replace(tzinfo=ZONE).isoformat()


def on(day: date, hour: int, minute: int) -> str:
    """That time of that day by the hospital's clock, as a FHIR dateTime with seconds and offset."""
    return datetime.combine(day, time(hour, minute), ZONE).isoformat()
