"""The hospital's SMART authorization server: who may read what, for which patient, for how long.

`scopes` and `configuration` are pure; `grants` keeps launches, codes and tokens in memory; `keys` signs id_tokens;
`authorize_request` checks what a client asks of the authorization endpoint, `clients` and `assertions` whether it is
who it says; `audiences` are the FHIR servers that tokens are for; `authorize` and `token` are the HTTP faces.
"""
