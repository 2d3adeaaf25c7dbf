"""Sightline, the map in words; arrows point down only (tests/test_architecture.py holds them).

web/          the pages; Flask lives here and nowhere below
  |
discovery     which studies has this patient? asked of every source, merged
filtering     the part of the list that somebody wants to look at
viewing       a study and a viewer -> the address to open
audit         who saw what; audit_trail/ the life of a record: written ahead, kept, delivered, watched
  |
fhir/         FHIR servers: client.py is its only HTTP, the rest reads what came
auth/         SMART App Launch and the id_token
store/        where charts live, sealed
viewers/      one kind of viewer a file: study -> URL
outbound      the one door for all HTTP that Sightline itself sends; tls_stream for bytes that are no HTTP
  |
study patient batch dates uid modality errors audit_record settings/     values that check themselves once
"""
