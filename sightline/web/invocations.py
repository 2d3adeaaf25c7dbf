"""An EHR's Invoke Image Display request between its coming and its chart: sealed with whatever waits, read when needed.

It holds a patient's or a study's number, so it stands in no cookie and in no address of ours.
"""

import msgspec

from sightline import invoking
from sightline.auth.launch_context import LaunchContext
from sightline.errors import AnotherPatient, InvocationUsedUp
from sightline.patient import Patient
from sightline.phrase import Phrase
from sightline.settings import EhrSettings
from sightline.viewers.iid_request import Invocation, PatientInvocation
from sightline.web.signed_in import SignedIn

KEPT_SECONDS = 900.0
_KEPT = "invoked"


class WaitingInvocation(msgspec.Struct, frozen=True):
    """`query` is the request as it came. `vouched_for`: it came from one of the EHR's own pages."""

    ehr: str
    ehr_identity: str
    query: str
    vouched_for: bool

    @property
    def text(self) -> str:
        """As it is carried through a sign-in."""
        return msgspec.json.encode(self).decode()

    def read(self, ehr: EhrSettings) -> Invocation:
        """The request. Raises InvocationMalformed, InvocationUsedUp where another EHR has that one's name."""
        if (self.ehr, self.ehr_identity) != (ehr.name, ehr.identity) or not ehr.invoke_image_display:
            raise InvocationUsedUp("another EHR has the name of the one that asked")
        return invoking.read(self.query, ehr)


_decoder = msgspec.json.Decoder(WaitingInvocation)


def remember(opened: SignedIn, text: str) -> None:
    """Keeps it with a sign-in, for as long as somebody may think about it."""
    opened.remember(_KEPT, text.encode(), KEPT_SECONDS)


def recalled(opened: SignedIn) -> WaitingInvocation:
    """What was kept. Raises InvocationUsedUp."""
    return _carried(opened.recall(_KEPT) or b"")


def context(invocation: Invocation, patient: Patient) -> LaunchContext:
    """What it means for the chart of this patient. Raises AnotherPatient where it says another birth date."""
    if invoking.contradicts(invocation, patient):
        raise AnotherPatient("another birth date than the record's", _OTHER_BIRTH_DATE)
    studies = () if isinstance(invocation, PatientInvocation) else invoking.references(invocation)
    return LaunchContext(studies=studies, invoked=invoking.kept(invocation, patient))


def of_launch(text: str, ehr: EhrSettings, patient: Patient, launched: LaunchContext) -> LaunchContext:
    """The same for the patient of a standalone launch, with what the EHR said there. Raises AnotherPatient.

    The EHR let the user choose the patient, and that has to be the one it had asked for.
    """
    invocation = _carried(text.encode()).read(ehr)
    if isinstance(invocation, PatientInvocation) and invoking.number(invocation.patient, ehr) not in patient.numbers:
        raise AnotherPatient("the patient of the launch does not have the number asked for")
    asked = context(invocation, patient)
    return msgspec.structs.replace(launched, studies=asked.studies, invoked=asked.invoked)


def _carried(plain: bytes) -> WaitingInvocation:
    try:
        return _decoder.decode(plain)
    except msgspec.DecodeError as cause:  # nothing, or what another build of Sightline wrote
        raise InvocationUsedUp("nothing is kept with this sign-in") from cause


_OTHER_BIRTH_DATE = Phrase("The EHR asked for a patient of one birth date, and the hospital's record says another.")
