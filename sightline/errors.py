"""Everything that can go wrong, as a tree. Each class says what a person reads, and whether trying again helps.

SightlineError
├── SourceError                 a source did not answer the question; studies may be missing
│   ├── SourceUnreachable       no connection, or it broke off
│   ├── SourceSlow              no whole answer within the time that the settings allow
│   ├── SourceTooLarge          more than the settings allow
│   ├── SourceFailed            an error status, an OperationOutcome, or a redirect
│   │   └── SourceRefusedQuestion   400: a search that this server does not take
│   ├── SourceUnreadable        an answer that is not FHIR
│   ├── SourceWithoutStudies    a server that has no ImagingStudy
│   ├── SignInEnded             401: the EHR takes the token no longer
│   └── NotAllowed              403: signed in, but without permission for this
├── LaunchError                 the EHR's launch cannot become a chart
│   ├── LaunchIncomplete        a parameter is missing or malformed
│   ├── UnknownEhr              an `iss` that is not configured
│   ├── LaunchNotOurs           no matching launch was begun in this browser, or it was used already
│   ├── LaunchInterrupted       the EHR's servers did not answer while the chart was being opened
│   └── LaunchRefused           the authorization server said no, or its answer failed a check
├── ChartClosed                 no open chart for this address in this browser
├── StudyNotFound               the address names no study of this chart
├── CannotOpen                  a study that no configured viewer can show
├── TicketSpent                 a viewer ticket that was used, is too old, or belongs to another chart
└── AuditUnavailable            what was asked for cannot be recorded, so it is not shown
"""


class SightlineError(Exception):
    """The root. `detail` is for the log and the integrator: facts without patient data, never shown to clinicians."""

    status = 500
    heading = "Something went wrong"
    sentence = "Sightline could not do this."
    missing = "Imaging studies may exist that are not shown here."
    action = "Try again. If it stays like this, tell your support the reference below."
    retry = False

    def __init__(self, detail: str = "", sentence: str = "") -> None:
        super().__init__(detail or sentence or self.sentence)
        self.detail = detail
        self.sentence = sentence or type(self).sentence


class SourceError(SightlineError):
    status = 502
    heading = "The imaging list could not be loaded"
    sentence = "The hospital's system did not answer the question."
    missing = "This does not mean that there are no images."
    retry = True


class SourceUnreachable(SourceError):
    sentence = "The hospital's system could not be reached."


class SourceSlow(SourceError):
    status = 504
    sentence = "The hospital's system did not answer in time."


class SourceTooLarge(SourceError):
    sentence = "The hospital's system sent more than Sightline may read at once."
    action = "Tell your support the reference below."
    retry = False


class SourceFailed(SourceError):
    sentence = "The hospital's system answered with an error."


class SourceRefusedQuestion(SourceFailed):
    sentence = "The hospital's system did not understand the question."
    action = "Tell your support the reference below."
    retry = False


class SourceUnreadable(SourceError):
    sentence = "The hospital's system sent an answer that is not readable as FHIR."


class SourceWithoutStudies(SourceError):
    sentence = "The hospital's system offers no imaging studies at this address."
    action = "Tell your support the reference below."
    retry = False


class SignInEnded(SourceError):
    status = 401
    heading = "The sign-in has ended"
    sentence = "The EHR no longer accepts this chart's sign-in."
    action = "Open imaging again from the patient's chart."
    retry = False


class NotAllowed(SourceError):
    status = 403
    heading = "Imaging is not permitted for this chart"
    sentence = "You are signed in, but this chart did not give permission to see imaging."
    action = "Ask for access to imaging, then open it again from the patient's chart."
    retry = False


class LaunchError(SightlineError):
    status = 400
    heading = "Imaging could not be opened from the chart"
    missing = "No patient data was read."
    action = "Open imaging again from the patient's chart."


class LaunchIncomplete(LaunchError):
    sentence = "The EHR's request to open imaging was incomplete."


class UnknownEhr(LaunchError):
    status = 403
    sentence = "This EHR is not set up to open imaging here."
    action = "Ask the people who look after Sightline to add this EHR to its settings."


class LaunchNotOurs(LaunchError):
    sentence = (
        "This sign-in was not begun in this browser window, was used already, or took longer than ten minutes. "
        "A browser that blocks cookies inside the EHR looks the same."
    )


class LaunchRefused(LaunchError):
    status = 403
    sentence = "The EHR did not confirm the sign-in."


class LaunchInterrupted(LaunchError):
    """The EHR's authorization or FHIR server did not answer while the chart was being opened."""

    status = 502
    sentence = "The EHR did not answer."


class ChartClosed(SightlineError):
    status = 401
    heading = "This imaging session has ended"
    sentence = "It was idle too long, was closed, or belongs to another browser window."
    missing = "Nothing of the chart is shown any more."
    action = "Open imaging again from the patient's chart."


class StudyNotFound(SightlineError):
    status = 404
    heading = "This study is not in this chart"
    sentence = "The address names no imaging study of the patient whose chart is open."
    missing = "Nothing was opened."
    action = "Go back to the list and choose the study there."


class CannotOpen(SightlineError):
    status = 409
    heading = "This study cannot be opened"
    sentence = "No viewer can be asked for this study."
    missing = "The study exists; only its images cannot be reached from here."
    action = "Go back to the list."


class TicketSpent(SightlineError):
    status = 410
    heading = "The viewer was not opened"
    sentence = "This way into the viewer works once, for one minute, and was used or has expired."
    missing = "Nothing was opened."
    action = "Press Reload above the viewer, or go back to the list."


class AuditUnavailable(SightlineError):
    status = 503
    heading = "Imaging is not shown now"
    sentence = "Sightline could not record who sees what, and without that it shows nothing."
    missing = "Nothing was opened. This does not mean that there are no images."
    action = "Tell your support the reference below; trying again helps once they have mended it."
    retry = True
