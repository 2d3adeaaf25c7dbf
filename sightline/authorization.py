"""What lets a request in at a source: the value of its Authorization header, and what may follow a refusal.

`sightline/auth` makes them, a row of its table for each way; the FHIR client only sends what it is given.
"""

from typing import ClassVar, Protocol

from msgspec import Struct


class Authorization(Protocol):
    """One chart's way in at one source; may be used from any thread."""

    @property
    def covers_all(self) -> bool:
        """Whether it opens all of the patient's studies; where it does not, a list of them is never whole."""

    @property
    def reads_endpoints(self) -> bool:
        """Whether it opens the addresses of images that studies refer to (Endpoint)."""

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        """Whether it lets anybody search for resources of this kind, as far as that is known; `whole`: for all of them.

        Raises what `header` raises, where that has to be asked for first.
        """

    def header(self) -> str:
        """The header's value for a request that is sent now; "" sends none.

        Raises SignInEnded or NotAllowed where nothing may be asked any more, SourceError where that cannot be told.
        """

    def after_refusal(self, header: str) -> str:
        """The value to ask with once more after a 401 to a request with `header`; "" where there is none.

        Raises what `header` raises.
        """


class FixedHeader(Struct, frozen=True):
    """One value for good: a token that nobody renews, a password, or nothing at all."""

    value: str
    covers_all: ClassVar[bool] = True
    reads_endpoints: ClassVar[bool] = True

    def may_search(self, kind: str, *, whole: bool = False) -> bool:
        return True

    def header(self) -> str:
        return self.value

    def after_refusal(self, header: str) -> str:
        return ""
