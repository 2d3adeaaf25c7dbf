"""Fjordview Hospital: a simulated hospital that image-enabling software can be tried against over HTTP.

    run                 `python -m sandbox`: the hospital alone, or with Sightline beside it
    sightline_process   Sightline as a child process: started, waited for, ended
    application         create_app(): the parts put together. Wiring only
    ehr                 the EHR that clinicians look at                           /
    audit               the audit repository                                      /audit/fhir/r4
    sightline_settings  how Sightline is registered here, and the settings file it needs
    fhir                the records in six FHIR versions                          /fhir/<version>, /fault/<fault>/fhir/…
    display             IHE Invoke Image Display (RAD-106)                        /display
    pictures            real DICOM files, made once
    archive             DICOMweb over those files                                 /dicom-web, /photos/dicom-web,
                        and on bad days                                           /archive-fault/<fault>/dicom-web
    archive_faults      what can go wrong with the photo archive
    smart               SMART authorization server                                /auth
                        and the staff sign-in (OpenID Connect)                    /staff
    hospital            studies and reports joined, looked up by patient
    reports             the radiology department's reports
    metadata_only       studies without pictures
    page_headers        the headers of every page for people
    patients            the cast
    words               how names, dates and ages are written
    zone                the hospital's time zone
    records             plain values that all others share
    pdf                 the smallest PDF, for reports
    certificates        a throw-away authority, for both on https

Arrows point down only (tests/sandbox/test_map.py holds them):

                           run                      knows everybody, known by nobody
                +-----------+-------------+
         sightline_process           application
                |               +---------+---------+
                |           ehr  audit    |         |
                +-------+-------+         |         |
                sightline_settings        |         |
                        |                 |         |
                       fhir            display   pictures
                  +-----+-----+           +----+----+
                smart      hospital         archive
                  |       reports  metadata_only |
            page_headers      +-----------+------+
                    archive_faults  patients  words  zone
                               records  pdf      certificates

The parts ask each other by HTTP, or through what `application` hands in. sandbox never imports sightline.
"""
