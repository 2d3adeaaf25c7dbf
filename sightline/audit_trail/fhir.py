"""Destination `fhir`: an audit repository that takes R4 AuditEvents (IHE ITI-20, FHIR feed: one `create` for each).

One by one, since every FHIR server that takes AuditEvents takes them so, and each answer is about one record.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fhirclient.models.fhirabstractbase import FHIRValidationError

from sightline.audit_record import Record
from sightline.audit_trail import Sent
from sightline.errors import SourceError
from sightline.fhir.audit_event import audit_event
from sightline.outbound import Door
from sightline.settings.addresses import PRIVATE, origin_of

# The repository has read the record and will not have it. Any other refusal may be over tomorrow.
_REFUSED_FOR_GOOD = frozenset({400, 409, 412, 413, 422})


class FhirRepository:
    """The repository at the FHIR base `base`, asked with `token` as bearer if there is one."""

    name = "fhir"

    def __init__(self, door: Door, base: str, token: str, observer: str, site: str) -> None:
        self._door, self._observer, self._site = door, observer, site
        self._url = f"{base.rstrip('/')}/AuditEvent"
        self._headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
        self._headers |= {"Prefer": "return=minimal"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def send(self, records: Sequence[Record]) -> Sent:
        """Posts each. Ends at the first that gets no answer, or one that speaks of something else than the record."""
        sent = Sent()
        for record in records:
            try:
                status = self._posted(audit_event(record, self._observer, self._site))
            except FHIRValidationError as mistake:
                sent.refusals.append(f"not a valid AuditEvent: {type(mistake).__name__}")
                continue
            except SourceError as failure:
                sent.failure = f"{type(failure).__name__}: {failure.detail}"
                return sent
            if 200 <= status < 300:
                sent.refusals.append("")
            elif status in _REFUSED_FOR_GOOD:
                sent.refusals.append(f"HTTP {status}")
            else:
                sent.failure = f"HTTP {status}"
                return sent
        return sent

    def _posted(self, event: Mapping[str, Any]) -> int:
        answer = self._door.send(
            "POST",
            self._url,
            origins=(origin_of(self._url),),
            networks=PRIVATE,
            headers=self._headers,
            body=json.dumps(event).encode(),
        )
        return answer.status
