"""Sightline, the map in words; arrows point down only (tests/test_architecture.py holds them).

web/          the pages; Flask lives here and nowhere below
  |
discovery     which studies has this patient? asked of every source, merged
reports       which report is on which study; report_text: its words, made harmless
origins       which source has a study and which has not, where its records do not agree
filtering     the part of the list that somebody wants to look at; ordering: in which order, in which years
priors        the studies to compare one with
viewing       which viewer opens a study, and the address in it; rules: the hospital's own word on that
invoking      what an EHR means that asks for images without a launch; whose_images: the one patient meant
audit         who saw what; audit_trail/ the life of a record: written ahead, kept, delivered, watched
doctor        do the viewers answer, and may they be framed? preflight: asked by the server itself
proof         who opens what, signed, for a viewer that asks
  |
fhir/         FHIR servers: client.py is its only HTTP, the rest reads what came
dicomweb/     DICOMweb archives: the same for them
auth/         SMART App Launch, OpenID sign-in, and how a FHIR server or an archive lets us in
store/        where charts live, sealed
viewers/      one kind of viewer a file: studies, or a patient -> URL
outbound      the one door for all HTTP that Sightline itself sends; tls_stream for bytes that are no HTTP
  |
study report patient picture endpoint batch dates uid modality errors … settings/     values that check themselves once
authorization study_reference patient_criteria json_text      what lets us in, what is asked for, JSON from outside
outside_text                                                  texts and counts from outside
time_between phrase                                           how far apart two dates are, in words; words, in English
invoked                                                       what an EHR asked for beside the patient or study
"""
