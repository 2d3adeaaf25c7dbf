"""Fjordview Hospital: a simulated hospital that image-enabling software can be tried against over HTTP.

    records patients           plain values and the cast                 (nobody below knows Flask)
    metadata_only reports      studies without pictures, reports
    hospital                   all of it joined, looked up by patient
    pictures/                  real DICOM files, made once
    archive/                   DICOMweb over those files                 /dicom-web
    display/                   IHE Invoke Image Display (RAD-106)        /display
    fhir/                      the records in six FHIR versions          /fhir/<version>, /fault/<fault>/fhir/<version>
    smart/                     SMART authorization server                /auth
    ehr/                       the EHR that clinicians look at           /
    sightline_settings         how Sightline is registered here, and the settings file it needs
    page_headers               the headers of every page for people
    application                wiring; knows everybody, known by run only
    run                        `python -m sandbox`: the hospital alone, or with Sightline beside it

Arrows point upwards only: pages ask fhir/ and smart/ by HTTP or through what application hands in, everything rests on
records. sandbox never imports sightline.
"""
