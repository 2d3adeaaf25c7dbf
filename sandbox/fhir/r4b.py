"""FHIR R4B (4.3.0): for these resources the same as R4."""

from sandbox.fhir.r4 import endpoint, patient, report, study

__all__ = ["endpoint", "patient", "report", "study"]
