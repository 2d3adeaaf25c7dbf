"""The simulated hospital's archive: an index over a folder of DICOM files, and DICOMweb over the index.

`dicom_json` is the DICOM JSON model; `index` reads a folder; `matching` is QIDO-RS matching and `query` its parameters;
`pixels` decodes and renders; `accept` negotiates media types; `search`, `retrieve` and `render` are the views; `web`
joins them to their addresses.
"""
