"""Texts that try to break out of a page, a URL or a column, put where a study has harmless ones (fault `hostile`)."""

from collections.abc import Sequence

from sandbox.fhir.parts import Resource

TEXTS = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\"> & <b>bold</b>",
    '"></a><a href="javascript:document.title=1">CT</a>',
    "{{ 7 * 7 }} ${7*7} #{7*7} %s %(name)s",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 6,
    "half a pair \ud83d of surrogates",
    "bell \x07 null \x00 escape \x1b[31mred line\r\nfeed",
    "right \u202e to left, zero\u200bwidth, \u2028 line",
)
UID = "1.2.3&x=1#"


def hostile(resources: Sequence[Resource], place: int) -> list[Resource]:
    """The resources, one text each in description, series and referrer; the last one's UID has query characters.

    `place` is that of the first resource in the whole list: further pages bring further texts.
    """
    spoilt = [_spoilt(resource, TEXTS[(place + number) % len(TEXTS)]) for number, resource in enumerate(resources)]
    return [*spoilt[:-1], _with_query_characters(spoilt[-1])] if spoilt else []


def _spoilt(resource: Resource, text: str) -> Resource:
    spoilt = {**resource, "description": text, "referrer": {"display": text}}
    if isinstance(resource.get("series"), list):
        spoilt["series"] = [{**item, "description": text} for item in resource["series"]]
    return spoilt


def _with_query_characters(resource: Resource) -> Resource:
    if "uid" in resource:
        return {**resource, "uid": f"urn:oid:{UID}"}
    return {**resource, "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{UID}"}]}
