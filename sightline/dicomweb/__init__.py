"""DICOMweb archives (PS3.18), as a source of studies beside an EHR's FHIR server.

client           the only DICOMweb HTTP: a patient's studies (QIDO-RS), answers of the archive's images (WADO-RS)
question         what a search asks for, in the ways that servers take
patient_number   by which of the patient's numbers, and whether what came back is this patient's
page             one answer: its records, and what it says of itself
qido             one record, DICOM JSON -> Study
"""
