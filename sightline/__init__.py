"""Sightline, the map in words; arrows point down only (tests/test_architecture.py holds them).

web/          the pages; Flask lives here and nowhere below
  |
discovery     which studies has this patient? asked of every source, merged
filtering     the part of the list that somebody wants to look at
viewing       a study and a viewer -> the address to open
audit         who saw what
  |
fhir/         FHIR servers: client.py is its only HTTP, the rest reads what came
auth/         SMART App Launch, OpenID sign-in, and how a FHIR server lets us in
store/        where charts live, sealed
viewers/      one kind of viewer a file: study -> URL
outbound      the one door for all HTTP that Sightline itself sends
  |
study patient patient_criteria batch dates uid modality
errors audit_record settings/                                            values that check themselves once
authorization study_reference                                            what lets a request in; what is asked for
"""
