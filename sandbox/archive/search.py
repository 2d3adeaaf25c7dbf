"""QIDO-RS (PS3.18 10.6): searches for studies, series and instances."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from flask import Request, Response, current_app, request, url_for
from pydicom.datadict import keyword_for_tag

from sandbox.archive import query
from sandbox.archive.accept import best
from sandbox.archive.dicom_json import Header, made, tag, value
from sandbox.archive.index import Archive, Instance, held, modalities
from sandbox.archive.matching import matches

JSON = ("application/dicom+json", "application/json")
MAXIMUM = 200
LEVELS = {"studies": "StudyInstanceUID", "series": "SeriesInstanceUID", "instances": "SOPInstanceUID"}


@dataclass(frozen=True, slots=True)
class Found:
    """One result: everything known at its level, and the keywords it returns unasked."""

    everything: Header
    default: tuple[str, ...]
    more: tuple[str, ...] = ()


def studies() -> Response:
    """`/studies`"""
    return _answer("studies", {}, list(_archive().instances))


def series(study: str | None = None) -> Response:
    """`/series`, `/studies/{study}/series`"""
    return _answer("series", {"study": study}, _within(study, None))


def instances(study: str | None = None, series: str | None = None) -> Response:
    """`/instances`, `/studies/{study}/instances`, `/studies/{study}/series/{series}/instances`"""
    return _answer("instances", {"study": study, "series": series}, _within(study, series))


def _home() -> str:
    """Where the archive's pictures are: on a bad day only its search is at another address."""
    return "photos" if request.blueprint == "archive_fault" else ""


def _archive() -> Archive:
    return held(current_app, request)


def _within(study: str | None, series: str | None) -> list[Instance]:
    return list(_archive().instances if study is None else _archive().instances_of(study, series))


def _answer(level: str, path: dict[str, str | None], candidates: list[Instance]) -> Response:
    media_type = best(request, JSON)
    if media_type is None:
        return Response("This search answers with application/dicom+json.\n", 406, mimetype="text/plain")
    asked = query.parse(request.args.items(multi=True))
    found = [one for one in _results(level, path, candidates) if matches(one.everything, asked.keys)]
    page = found[asked.offset :][: min(MAXIMUM, MAXIMUM if asked.limit is None else asked.limit)]
    response = Response(json.dumps([_shown(one, asked) for one in page], ensure_ascii=False), mimetype=media_type)
    if not page:
        response = Response(status=204)
    for warning in _warnings(request, asked, len(found) - asked.offset - len(page)):
        response.headers.add("Warning", warning)
    return response


def _warnings(asking: Request, asked: query.Query, remaining: int) -> Iterable[str]:
    if asked.fuzzy:
        text = "The fuzzymatching parameter is not supported. Only literal matching has been performed."
        yield f'299 {asking.host}: "{text}"'
    if remaining > 0:
        yield f'299 {asking.host}: "There are {remaining} additional results that can be requested"'


def _shown(found: Found, asked: query.Query) -> Header:
    wanted = {*found.default, *asked.keys, *asked.include, *(found.more if asked.include_all else ())}
    kept = {tag(keyword) for keyword in wanted}
    return {number: element for number, element in sorted(found.everything.items()) if number in kept}


def _results(level: str, path: dict[str, str | None], candidates: list[Instance]) -> Iterable[Found]:
    """Results of the level; a search across studies returns the study's attributes with each (PS3.18 10.6.1.2.3)."""
    by_study = groupby(candidates, key=lambda one: one.study)
    for _, in_study in ((uid, list(group)) for uid, group in by_study):
        study = _study_level(in_study)
        if level == "studies":
            yield Found(study, query.PATIENT_AND_STUDY, query.STUDY_MORE)
            continue
        above = () if path["study"] else query.PATIENT_AND_STUDY
        for _, group in groupby(in_study, key=lambda one: one.series):
            in_series = list(group)
            whole = {**study, **_series_level(in_series)}
            if level == "series":
                yield Found(whole, (*above, *query.SERIES), query.SERIES_MORE)
                continue
            above_series = () if path.get("series") else query.SERIES
            for one in in_series:
                yield Found(
                    {**whole, **_instance_level(one)}, (*above, *above_series, *query.INSTANCE), tuple(_keywords(one))
                )


def _keywords(one: Instance) -> Iterable[str]:
    return (keyword_for_tag(int(number, 16)) for number, element in one.header.items() if "BulkDataURI" not in element)


def _study_level(held: list[Instance]) -> Header:
    complete = _archive().instances_of(held[0].study)
    classes = dict.fromkeys(value(one.header, "SOPClassUID") for one in complete)
    return _with(
        held[0].header,
        (*query.PATIENT_AND_STUDY, *query.STUDY_MORE),
        InstanceAvailability=made("CS", ["ONLINE"]),
        ModalitiesInStudy=made("CS", modalities(complete)),
        SOPClassesInStudy=made("UI", classes),
        NumberOfStudyRelatedSeries=made("IS", [len({one.series for one in complete})]),
        NumberOfStudyRelatedInstances=made("IS", [len(complete)]),
        RetrieveURL=made("UR", [url_for(f"{_home()}.retrieve_study", study=held[0].study, _external=True)]),
    )


def _series_level(held: list[Instance]) -> Header:
    first = held[0]
    url = url_for(".retrieve_series", study=first.study, series=first.series, _external=True)
    return _with(
        first.header,
        (*query.SERIES, *query.SERIES_MORE),
        NumberOfSeriesRelatedInstances=made("IS", [len(held)]),
        RetrieveURL=made("UR", [url]),
    )


def _instance_level(one: Instance) -> Header:
    url = url_for(".retrieve_instance", study=one.study, series=one.series, instance=one.uid, _external=True)
    return {**one.header, tag("RetrieveURL"): made("UR", [url]), tag("InstanceAvailability"): made("CS", ["ONLINE"])}


def _with(header: Header, keywords: tuple[str, ...], **computed: dict[str, object]) -> Header:
    kept = {tag(keyword): header[tag(keyword)] for keyword in keywords if tag(keyword) in header}
    return {**kept, **{tag(keyword): element for keyword, element in computed.items()}}
