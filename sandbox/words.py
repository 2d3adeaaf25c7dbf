"""How the hospital writes names, dates and ages: `LINDQVIST, Ada (Dr)`, `05-Mar-2026`."""

from datetime import date

from sandbox.records import PatientRecord

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def full_name(patient: PatientRecord) -> str:
    """Family name in capitals, given name, title in brackets."""
    title = f" ({patient.prefix})" if patient.prefix else ""
    return f"{patient.family.upper()}, {patient.given}{title}"


def day(text: str) -> str:
    """The day of a FHIR date or dateTime of any precision, as `05-Mar-2026`, `Mar-2026` or `2026`."""
    parts = text[:10].split("-")
    if not parts[0]:
        return "Not recorded"
    return "-".join([*parts[:1:-1], *(MONTHS[int(part) - 1] for part in parts[1:2]), parts[0]])


def age(patient: PatientRecord, today: date) -> str:
    """Whole years from birth to today or to death, as `75 y`; empty where the birth date is not full."""
    if len(patient.birth_date) < 10:
        return ""
    born = date.fromisoformat(patient.birth_date)
    last = date.fromisoformat(patient.deceased[:10]) if patient.deceased else today
    years = last.year - born.year - ((last.month, last.day) < (born.month, born.day))
    return f"{years} y"
