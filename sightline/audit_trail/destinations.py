"""The table of destinations: a kind in the settings, and what delivers to it where it is switched on."""

from collections.abc import Callable

from sightline.audit_trail import Destination
from sightline.outbound import Door
from sightline.settings import Settings


def _fhir(settings: Settings, door: Door) -> Destination:
    from sightline.audit_trail.fhir import FhirRepository  # R4 models take a tenth of a second to import

    fhir = settings.audit_fhir
    return FhirRepository(door, fhir.base, fhir.token, settings.public_url, settings.site_name)


def _syslog(settings: Settings, door: Door) -> Destination:
    from sightline.audit_trail.syslog import SyslogRepository
    from sightline.tls_stream import TlsServer

    syslog = settings.audit_syslog
    host, port = syslog.server or ("", 0)
    server = TlsServer(host, port, syslog.ca_file, syslog.certificate_file, syslog.key_file)
    return SyslogRepository(server, settings.public_url, settings.site_name)


KINDS: dict[str, Callable[[Settings, Door], Destination]] = {"fhir": _fhir, "syslog": _syslog}


def names(settings: Settings) -> tuple[str, ...]:
    """The kinds that the settings switch on."""
    switched_on = {"fhir": bool(settings.audit_fhir.base), "syslog": bool(settings.audit_syslog.server)}
    return tuple(kind for kind in KINDS if switched_on[kind])


def configured(settings: Settings, door: Door) -> tuple[Destination, ...]:
    """The destinations that the settings switch on."""
    return tuple(KINDS[kind](settings, door) for kind in names(settings))
