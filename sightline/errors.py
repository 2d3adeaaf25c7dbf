"""Everything that can go wrong, as a tree. Each class says what a person reads, and whether trying again helps.

SightlineError
├── SourceError                 a source did not answer the question; studies may be missing
│   ├── SourceUnreachable       no connection, or it broke off
│   │   └── SourceNotAsked      the request did not reach it, or it said that it did not take it
│   ├── SourceSlow              no whole answer within the time that the settings allow
│   ├── SourceBusy              so many requests wait for it that one more would wait in vain
│   ├── SourceTooLarge          more than the settings allow
│   ├── SourceFailed            an error status, an OperationOutcome, or a redirect
│   │   └── SourceRefusedQuestion   400: a search that this server does not take
│   ├── SourceUnreadable        an answer that is not FHIR
│   ├── SourceWithoutStudies    a server that has no ImagingStudy
│   ├── ReportUnreadable        a report, or a document of one, that is not what it says it is
│   │   └── ReportMoved         a report that is on another study by now
│   ├── SourceNotAsking         an archive that cannot be asked for this patient, or must not be
│   ├── SignInEnded             401: the EHR takes the token no longer
│   │   └── SignInChanged       the EHR renewed it for another patient or user
│   ├── NotAllowed              403: signed in, but without permission for this
│   └── OwnAccessRefused        401 or 403 to what Sightline itself has as its permission
├── LaunchError                 the EHR's launch cannot become a chart
│   ├── LaunchIncomplete        a parameter is missing or malformed
│   ├── UnknownEhr              an `iss` that is not configured
│   ├── LaunchNotOurs           no matching launch was begun in this browser, or it was used already
│   ├── LaunchInterrupted       the EHR's servers did not answer while the chart was being opened
│   └── LaunchRefused           the authorization server said no, or its answer failed a check
├── SignInError                 somebody who looks patients up cannot be signed in
│   ├── SignInRefused           the provider said no, or its answer failed a check
│   ├── SignInNotOurs           no matching sign-in was begun in this browser, or it was used already
│   ├── SignInInterrupted       the provider did not answer
│   └── NotEntitled             signed in, but without the claim that the settings ask for
├── InvokeError                 images that an EHR asked for by RAD-106 cannot be opened
│   ├── InvocationMalformed     the request breaks a rule of RAD-106
│   ├── InvocationNotTaken      no EHR, or several, may ask at this address
│   ├── InvocationUsedUp        what was asked for is not there any more
│   ├── NothingMatches          the hospital's system knows no such patient or study
│   ├── MatchUncertain          it is not certain who or what is meant
│   └── AnotherPatient          the EHR opened the chart of somebody else than it asked for
├── SignInOver                  no open sign-in for this address in this browser
├── HitGone                     a patient who was not shown a moment ago, or not as the record is now
├── PatientReplaced             a patient's record that another has replaced
├── TooManyLaunches         one address begins more launches than the settings allow
├── TooOften                one chart or sign-in asks for more than a person looks at
├── StoreUnavailable        the place where open charts are kept does not answer
├── ChartClosed                 no open chart for this address in this browser
├── FormNotOurs             a form that no open page of ours sent
├── FormsWaiting            so many forms are still on their way that one more is not awaited
├── StudyNotFound               the address names no study of this chart
├── ReportNotFound              the address names no report of this chart
├── CannotOpen                  a study that no configured viewer can show
│   └── CannotOpenAll           all images of a patient, that no configured viewer can show together
├── TicketSpent                 a viewer ticket that was used, is too old, or belongs to another chart
└── AuditUnavailable            what was asked for cannot be recorded, so it is not shown
"""

from typing import Self

from sightline.phrase import Phrase


class SightlineError(Exception):
    """The root. `detail` is for the log and the integrator: facts without patient data, never shown to clinicians.

    What a person reads are phrases; `sentence` says more of this one error than its class does.
    """

    status = 500
    heading: str = Phrase("Something went wrong")
    sentence: str = Phrase("Sightline could not do this.")
    missing: str = Phrase("Imaging studies may exist that are not shown here.")
    action: str = Phrase("Try again. If it stays like this, tell your support the reference below.")
    retry = False
    retry_after = 0  # seconds, where a moment's wait will help
    begins_anew = False

    def __init__(self, detail: str = "", sentence: str = "") -> None:
        super().__init__(detail or sentence or self.sentence)
        self.detail = detail
        self.sentence = sentence or type(self).sentence

    @classmethod
    def by(cls, failure: "SightlineError", sentence: str = "") -> Self:
        """This error where that one is its reason: with its facts, and with when to try again."""
        found = cls(failure.detail, sentence)
        if failure.retry_after:
            found.status, found.retry_after = failure.status, failure.retry_after
        return found


class SourceError(SightlineError):
    status = 502
    heading = Phrase("The imaging list could not be loaded")
    sentence = Phrase("The hospital's system did not answer the question.")
    missing = Phrase("This does not mean that there are no images.")
    retry = True


class SourceUnreachable(SourceError):
    sentence = Phrase("The hospital's system could not be reached.")


class SourceNotAsked(SourceUnreachable):
    """What was sent counts as not sent: a one-time value in it is as good as before."""


class SourceSlow(SourceError):
    status = 504
    sentence = Phrase("The hospital's system did not answer in time.")


class SourceBusy(SourceError):
    status = 503
    sentence = Phrase("The hospital's system is answering too slowly for all who ask.")
    action = Phrase("Try again in a moment. If it stays like this, tell your support the reference below.")
    retry_after = 5


class SourceTooLarge(SourceError):
    sentence = Phrase("The hospital's system sent more than Sightline may read at once.")
    action = Phrase("Tell your support the reference below.")
    retry = False


class SourceFailed(SourceError):
    sentence = Phrase("The hospital's system answered with an error.")


class SourceRefusedQuestion(SourceFailed):
    sentence = Phrase("The hospital's system did not understand the question.")
    action = Phrase("Tell your support the reference below.")
    retry = False


class SourceUnreadable(SourceError):
    sentence = Phrase("The hospital's system sent an answer that is not readable as FHIR.")


class SourceWithoutStudies(SourceError):
    sentence = Phrase("The hospital's system offers no imaging studies at this address.")
    action = Phrase("Tell your support the reference below.")
    retry = False


class ReportUnreadable(SourceError):
    heading = Phrase("The report could not be shown")
    sentence = Phrase("The hospital's system sent a report that is not what it says it is.")
    missing = Phrase("This does not mean that there is no report.")
    retry = False


class ReportMoved(ReportUnreadable):
    sentence = Phrase("The report is on another study now.")


class SourceNotAsking(SourceError):
    """Nothing was sent: what is not known of the patient, or not permitted, cannot be asked for."""

    sentence = Phrase("It was not asked: the patient's record has no number that this archive goes by.")
    action = Phrase("Tell your support the reference below.")
    retry = False


class SignInEnded(SourceError):
    status = 401
    heading = Phrase("The sign-in has ended")
    sentence = Phrase("The EHR no longer accepts this chart's sign-in.")
    action = Phrase("Open imaging again from the patient's chart.")
    retry = False


class SignInChanged(SignInEnded):
    heading = Phrase("This imaging session was closed")
    sentence = Phrase("The EHR renewed the sign-in for another patient or another user.")
    missing = Phrase("Nothing of this chart is shown any more. This does not mean that there are no images.")


class NotAllowed(SourceError):
    status = 403
    heading = Phrase("Imaging is not permitted for this chart")
    sentence = Phrase("You are signed in, but this chart did not give permission to see imaging.")
    action = Phrase("Ask for access to imaging, then open it again from the patient's chart.")
    retry = False


class OwnAccessRefused(SourceError):
    """Not the user's doing: what the settings give Sightline for this server is not, or no longer, good there."""

    sentence = Phrase("The hospital's system does not let Sightline in.")
    action = Phrase("Tell your support the reference below.")
    retry = False


class LaunchError(SightlineError):
    status = 400
    heading = Phrase("Imaging could not be opened from the chart")
    missing = Phrase("No patient data was read.")
    action = Phrase("Open imaging again from the patient's chart.")


class LaunchIncomplete(LaunchError):
    sentence = Phrase("The EHR's request to open imaging was incomplete.")


class UnknownEhr(LaunchError):
    status = 403
    sentence = Phrase("This EHR is not set up to open imaging here.")
    action = Phrase("Ask the people who look after Sightline to add this EHR to its settings.")


class LaunchNotOurs(LaunchError):
    sentence = Phrase(
        "This sign-in was not begun in this browser window, was used already, or took longer than ten minutes. "
        "A browser that blocks cookies inside the EHR looks the same."
    )


class LaunchRefused(LaunchError):
    status = 403
    sentence = Phrase("The EHR did not confirm the sign-in.")


class LaunchInterrupted(LaunchError):
    """The EHR's authorization or FHIR server did not answer while the chart was being opened."""

    status = 502
    sentence = Phrase("The EHR did not answer.")


class SignInError(SightlineError):
    status = 400
    heading = Phrase("You could not be signed in")
    missing = Phrase("No patient data was read.")
    action = Phrase("Sign in again.")
    begins_anew = True


class SignInRefused(SignInError):
    status = 403
    sentence = Phrase("The hospital's sign-in did not confirm who you are.")


class SignInNotOurs(SignInError):
    sentence = Phrase(
        "This sign-in was not begun in this browser window, was used already, or took longer than ten minutes. "
        "A browser that blocks cookies looks the same."
    )


class SignInInterrupted(SignInError):
    status = 502
    sentence = Phrase("The hospital's sign-in did not answer.")


class NotEntitled(SignInError):
    status = 403
    heading = Phrase("You may not look patients up here")
    sentence = Phrase("You are signed in, but you do not have the hospital's permission to see imaging.")
    action = Phrase("Ask for access to imaging, then sign in again.")


class InvokeError(SightlineError):
    """Images that an EHR asked for by IHE Invoke Image Display (RAD-106, 4.106.4.2)."""

    status = 400
    heading = Phrase("The images cannot be opened")
    missing = Phrase("Nothing was opened. This does not mean that there are no images.")
    action = Phrase("Go back to the EHR. If it stays like this, tell your support the reference below.")


class InvocationMalformed(InvokeError):
    sentence = Phrase("The EHR's request to show images is not one that IHE Invoke Image Display allows.")
    action = Phrase("Tell the people who look after the EHR the reference below.")


class InvocationNotTaken(InvokeError):
    status = 404
    sentence = Phrase("No EHR is set up to ask for images at this address.")
    action = Phrase("Tell the people who look after the EHR the reference below.")


class InvocationUsedUp(InvokeError):
    sentence = Phrase("This way into imaging works once, for ten minutes, and was used or has expired.")
    action = Phrase("Open the images again from the EHR.")


class NothingMatches(InvokeError):
    status = 404
    sentence = Phrase("The hospital's system does not know what the EHR asked for.")


class MatchUncertain(InvokeError):
    status = 409
    sentence = Phrase("It is not certain what the EHR asked for, so nothing is shown.")


class AnotherPatient(InvokeError):
    status = 409
    heading = Phrase("This is another patient")
    sentence = Phrase("The EHR asked for one patient's images, and then opened the chart of another.")
    action = Phrase("Open the images again from the EHR, and choose the same patient there.")


class SignInOver(SightlineError):
    status = 401
    heading = Phrase("Your sign-in has ended")
    sentence = Phrase("It was idle too long, was closed, or belongs to another browser window.")
    missing = Phrase("No patient data is shown any more.")
    action = Phrase("Sign in again.")
    begins_anew = True


class HitGone(SightlineError):
    status = 409
    heading = Phrase("This patient was not opened")
    sentence = Phrase("The search is too old, or the patient's record has changed since.")
    missing = Phrase("Nothing was opened.")
    action = Phrase("Go back and search again.")


class PatientReplaced(SightlineError):
    status = 409
    heading = Phrase("This patient was not opened")
    sentence = Phrase("The record is not used any more: another record of the same person has replaced it.")
    missing = Phrase("Nothing was opened. Imaging studies may stand in the other record.")
    action = Phrase("Go back and search again.")


class TooManyLaunches(SightlineError):
    status = 429
    heading = Phrase("Too many sign-ins at once")
    sentence = Phrase("More sign-ins came from this network address within a minute than are allowed.")
    missing = Phrase("No patient data was read.")
    action = Phrase("Wait a minute, then try again.")


class TooOften(SightlineError):
    status = 429
    heading = Phrase("This was asked for too often")
    sentence = Phrase("More was asked for within a minute than one person can look at.")
    missing = Phrase("Nothing was read or opened this time. This does not mean that there are no images.")
    action = Phrase("Wait a minute, then try again.")
    retry = True


class StoreUnavailable(SightlineError):
    """Open charts may be lost with it; no data of a patient is, since the store holds none that is not read anew."""

    status = 503
    heading = Phrase("Imaging is not available at the moment")
    sentence = Phrase("Sightline cannot reach the place where it keeps open imaging sessions.")
    missing = Phrase("This does not mean that there are no images.")
    action = Phrase("Try again in a minute. If the session was lost, open imaging again from the patient's chart.")
    retry = True


class ChartClosed(SightlineError):
    status = 401
    heading = Phrase("This imaging session has ended")
    sentence = Phrase("It was idle too long, was closed, or belongs to another browser window.")
    missing = Phrase("Nothing of the chart is shown any more.")
    action = Phrase("Open imaging again from the patient's chart.")


class FormNotOurs(SightlineError):
    status = 403
    heading = Phrase("The request was refused")
    sentence = Phrase("It did not come from a page of Sightline that is open in this window.")
    missing = Phrase("Nothing was changed.")
    action = Phrase("Go back to that page and try it from there.")


class FormsWaiting(SightlineError):
    status = 503
    heading = Phrase("Sightline is busy")
    sentence = Phrase("Too many forms are being sent to it at once.")
    missing = Phrase("Nothing was changed.")
    action = Phrase("Go back to that page and try again in a moment.")
    retry_after = 5


class StudyNotFound(SightlineError):
    status = 404
    heading = Phrase("This study is not in this chart")
    sentence = Phrase("The address names no imaging study of the patient whose chart is open.")
    missing = Phrase("Nothing was opened.")
    action = Phrase("Go back to the list and choose the study there.")


class ReportNotFound(SightlineError):
    status = 404
    heading = Phrase("This report is not in this chart")
    sentence = Phrase("The address names no report of the patient whose chart is open, or it was withdrawn.")
    missing = Phrase("Nothing was opened.")
    action = Phrase("Go back to the list and choose the report there.")


class CannotOpen(SightlineError):
    status = 409
    heading = Phrase("This study cannot be opened")
    sentence = Phrase("No viewer can be asked for this study.")
    missing = Phrase("The study exists; only its images cannot be reached from here.")
    action = Phrase("Go back to the list.")


class CannotOpenAll(CannotOpen):
    heading = Phrase("All images of this patient cannot be opened together")
    sentence = Phrase("No viewer here can be asked for all images of a patient.")
    missing = Phrase("The studies in the list are not affected.")
    action = Phrase("Go back to the list, and open its studies one by one.")


class TicketSpent(SightlineError):
    status = 410
    heading = Phrase("The viewer was not opened")
    sentence = Phrase("This way into the viewer works once, for one minute, and was used or has expired.")
    missing = Phrase("Nothing was opened.")
    action = Phrase("Press Reload above the viewer, or go back to the list.")


class AuditUnavailable(SightlineError):
    status = 503
    heading = Phrase("Imaging is not shown now")
    sentence = Phrase("Sightline could not record who sees what, and without that it shows nothing.")
    missing = Phrase("Nothing was opened. This does not mean that there are no images.")
    action = Phrase("Tell your support the reference below; trying again helps once they have mended it.")
    retry = True
