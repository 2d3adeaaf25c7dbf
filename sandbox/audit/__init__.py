"""The hospital's audit repository: takes R4 AuditEvents (IHE ITI-20, FHIR feed) and keeps the last of them in memory.

`repository` is what it asks of an event and how it is kept; `web` the HTTP face, below a base and with a bearer token
of its own, since who may write here is not who may read charts.
"""
