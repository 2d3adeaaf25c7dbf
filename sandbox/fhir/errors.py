"""FHIR errors and their resource form, OperationOutcome."""

from sandbox.fhir.parts import Resource


class FhirError(Exception):
    """The server refuses or cannot answer. `code` is a FHIR issue-type, the text is for people."""

    def __init__(self, status: int, code: str, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.headers = headers or {}


def operation_outcome(code: str, text: str, severity: str = "error", dstu1: bool = False) -> Resource:
    """An OperationOutcome of one issue. DSTU1 has its words in `details`, all later versions in `diagnostics`."""
    words = {"details": text} if dstu1 else {"code": code, "diagnostics": text}
    issue = {"severity": severity, **words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
