"""The door for libraries that bring their own session (Authlib's OAuth2Session)."""

from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from sightline import json_text
from sightline.outbound.door import Door
from sightline.settings.addresses import Network


class DoorAdapter(BaseAdapter):
    """The door as a transport of `requests`."""

    def __init__(self, door: Door, origins: tuple[str, ...], networks: tuple[Network, ...] = ()) -> None:
        super().__init__()
        self._door, self._origins, self._networks = door, origins, networks

    def send(self, request: requests.PreparedRequest, *_: object, **options: Any) -> requests.Response:
        """The answer as a `requests.Response`, within `timeout` seconds. Raises what the door raises."""
        answer = self._door.send(
            request.method or "GET",
            request.url or "",
            origins=self._origins,
            networks=self._networks,
            headers={name: str(value) for name, value in request.headers.items()},
            body=request.body if isinstance(request.body, bytes | str) else None,
            seconds=options.get("timeout"),
        )
        response = _Response()
        response.status_code, response.url, response.request = answer.status, request.url or "", request
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content = answer.body
        return response

    def close(self) -> None:
        """Nothing to close: the door's connections outlive the session."""


class _Response(requests.Response):
    """`requests` would guess the encoding, and take NaN and names that stand twice."""

    def json(self, **_: Any) -> Any:
        """The answer's JSON value. Raises json_text.NotReadable, a ValueError as in `requests`."""
        return json_text.value(self.content)
