"""FHIR servers of every version. `client.py` asks, `versions.py` says how, the other modules read what came back."""
