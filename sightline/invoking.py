"""Use case: what an EHR's Invoke Image Display request (RAD-106) means here: whose number, which studies, which part.

Nothing is guessed: an authority that is not known, or two that contradict each other, lead to nobody.
"""

from collections.abc import Sequence
from unicodedata import combining, normalize

from sightline.errors import InvocationMalformed, MatchUncertain, NothingMatches
from sightline.invoked import Invoked
from sightline.patient import Patient, PatientNumber
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.study import Study
from sightline.study_reference import StudyReference
from sightline.viewers.cx import Cx
from sightline.viewers.iid_parse import Lenient, parse
from sightline.viewers.iid_request import Invocation, Malformed, PatientInvocation, StudyInvocation

IHES_VIEWER = "IHE_BIR"
"""Basic Image Review, the one viewer type that RAD-106 names; every viewer here counts as one."""

_LONGEST_TYPE = 64


def read(query: str, ehr: EhrSettings) -> Invocation:
    """The request in a query string, as this EHR may write it. Raises InvocationMalformed, which repeats no value."""
    try:
        return parse(query, frozenset(map(Lenient, ehr.invoke_lenient)))
    except Malformed as mistake:
        rule = str(mistake.rule)
        sentence = Phrase("The EHR's request breaks a rule of IHE Invoke Image Display: %(rule)s.", rule=rule)
        raise InvocationMalformed(str(mistake), sentence) from mistake


def references(invocation: StudyInvocation) -> tuple[StudyReference, ...]:
    """The studies it names; a UID and an accession number side by side are one study."""
    if invocation.study_uids:
        return tuple(StudyReference(uid=uid) for uid in invocation.study_uids)
    return tuple(StudyReference(accession=number) for number in invocation.accession_numbers)


def agree(invocation: StudyInvocation, studies: Sequence[Study]) -> bool:
    """Whether UID and accession number, where both are there, are of the same study; a record without one may be."""
    if not (invocation.study_uids and invocation.accession_numbers):
        return True
    return all(study.accession in (None, *invocation.accession_numbers) for study in studies)


def number(cx: Cx, ehr: EhrSettings) -> PatientNumber:
    """The patient's number as the FHIR server knows it. Raises NothingMatches, MatchUncertain."""
    authorities = dict(ehr.invoke_authorities)
    universal = f"&{cx.universal_id}&{cx.universal_type}" if cx.universal_id else ""
    if whole := authorities.get(f"{cx.namespace}{universal}" if universal else ""):
        return PatientNumber(whole, cx.number)
    named = {authorities.get(cx.namespace), authorities.get(cx.universal_id) or _own_system(cx)} - {None, ""}
    if len(named) > 1:
        raise MatchUncertain("namespace and universal id are two authorities", _TWO_AUTHORITIES)
    if not named:
        raise NothingMatches("an assigning authority that invoke_authorities does not name", _NO_AUTHORITY)
    return PatientNumber(str(named.pop()), cx.number)


def contradicts(invocation: Invocation, patient: Patient) -> bool:
    """Whether the request says another birth date than the record; what either does not say contradicts nothing."""
    said = invocation.birth_date if isinstance(invocation, PatientInvocation) else None
    return bool(said and patient.birth_date and not said.isoformat().startswith(patient.birth_date[:10]))


def kept(invocation: Invocation, patient: Patient) -> Invoked:
    """What of the request stays with the chart of this patient."""
    viewer_type = "" if invocation.viewer_type == IHES_VIEWER else invocation.viewer_type[:_LONGEST_TYPE]
    common = (viewer_type, invocation.diagnostic_quality is True, invocation.key_images_only is True)
    if isinstance(invocation, StudyInvocation):
        return Invoked(None, None, 0, (), *common)
    return Invoked(
        invocation.lower,
        invocation.upper,
        invocation.most_recent or 0,
        invocation.modalities,
        *common,
        other_name=_is_named_otherwise(invocation.patient_name, patient),
    )


def _own_system(cx: Cx) -> str:
    """A universal id that is a FHIR system as it stands."""
    return {"ISO": f"urn:oid:{cx.universal_id}", "URI": cx.universal_id}.get(cx.universal_type.upper(), "")


def _is_named_otherwise(name: str, patient: Patient) -> bool:
    """Whether no word of the family name is in the record's name: any case, any accents. No name says nothing."""
    family = _plain(name.split("^")[0])
    recorded = _plain(f"{patient.family} {patient.given} {patient.full_text}")
    return bool(family and recorded) and family.isdisjoint(recorded)


def _plain(text: str) -> set[str]:
    spelled = "".join(sign for sign in normalize("NFKD", text.casefold()) if not combining(sign))
    return {"".join(filter(str.isalnum, word)) for word in spelled.replace("-", " ").split()} - {""}


_NO_AUTHORITY = Phrase("Whoever assigned the patient's number is not known here.")
_TWO_AUTHORITIES = Phrase("The patient's number names two authorities that are not the same here.")
