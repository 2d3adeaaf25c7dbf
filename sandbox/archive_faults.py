"""What can go wrong with the photo archive, by name, each told in a sentence; `sandbox.archive.faults` does it.

Apart from that, since whoever only registers EHRs need not load DICOM's libraries.
"""

ARCHIVE_FAULTS = {
    "slow": "The photo archive answers after 30 seconds.",
    "error": "The photo archive fails (500).",
    "nothing": "The photo archive has nothing (204).",
    "more": "The photo archive speaks of more results than it gives (Warning 299).",
    "other-patient": "The photo archive answers with another patient's studies.",
    "no-issuer": "The photo archive does not say whose numbers it has.",
    "too-many": "The photo archive has more than it gives out (413).",
    "html": "A sign-in page comes instead of the photo archive's data.",
}
