"""WADO-RS (PS3.18 10.4): instances, metadata, frames and bulk data."""

import io
import json
import uuid
from collections.abc import Iterable

from flask import Response, abort, current_app, request, url_for
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from sandbox.archive.accept import best, multipart
from sandbox.archive.dicom_json import Header
from sandbox.archive.index import Instance, held
from sandbox.archive.pixels import frame_bytes
from sandbox.archive.search import JSON

DICOM = "application/dicom"
OCTETS = "application/octet-stream"


def instances_at(study: str, series: str | None = None, instance: str | None = None) -> tuple[Instance, ...]:
    """What the path names; 404 with a sentence where the archive has nothing there."""
    archive = held(current_app, request)
    found = archive.instances_of(study, series)
    if instance:
        found = tuple(one for one in found if one.uid == instance)
    if not found:
        abort(
            404,
            f"The archive holds no {'instance' if instance else 'series' if series else 'study'} with this UID here.",
        )
    return found


def retrieve(study: str, series: str | None = None, instance: str | None = None) -> Response:
    """Files as multipart/related of application/dicom, compressed ones decoded unless `transfer-syntax` allows them."""
    found = instances_at(study, series, instance)
    wanted = multipart(request, DICOM)
    if wanted is None:
        abort(406, 'Instances are given as multipart/related; type="application/dicom".')
    return _parts(DICOM, (_file(one, wanted.transfer_syntax) for one in found))


def metadata(study: str, series: str | None = None, instance: str | None = None) -> Response:
    """Headers as DICOM JSON, with absolute BulkDataURIs (PS3.18 10.4.1.1.2)."""
    found = instances_at(study, series, instance)
    media_type = best(request, JSON)
    if media_type is None:
        abort(406, "Metadata is given as application/dicom+json.")
    return Response(json.dumps([_located(one) for one in found], ensure_ascii=False), mimetype=media_type)


def frames(study: str, series: str, instance: str, numbers: str) -> Response:
    """The frames of a comma-separated list, from 1, decoded to native little endian (PS3.18 10.4.1.1.4)."""
    (one,) = instances_at(study, series, instance)
    listed = frame_numbers(one, numbers)
    _demand_octets()
    return _parts(OCTETS, (frame_bytes(one.path, number) for number in listed))


def bulkdata(study: str, series: str, instance: str, tag: str) -> Response:
    """The bytes of one attribute that the metadata names by BulkDataURI; of pixel data, all frames decoded."""
    (one,) = instances_at(study, series, instance)
    if "BulkDataURI" not in one.header.get(tag.upper(), {}):
        abort(404, "This instance has no bulk data under this tag.")
    _demand_octets()
    if tag.upper() == "7FE00010":
        return _parts(OCTETS, [b"".join(frame_bytes(one.path, number) for number in range(1, one.frames + 1))])
    return _parts(OCTETS, [dcmread(one.path, stop_before_pixels=True)[int(tag, 16)].value])


def frame_numbers(one: Instance, numbers: str) -> list[int]:
    """`3` or `1,2,3` as numbers; 400 where malformed, 404 beyond the last frame."""
    pieces = numbers.split(",")
    if not all(piece.isascii() and piece.isdigit() and int(piece) > 0 for piece in pieces):
        abort(400, "Frames are numbered from 1; several are separated by commas.")
    listed = [int(piece) for piece in pieces]
    if max(listed) > one.frames:
        abort(404, f"This instance has {one.frames} frame{'s' if one.frames != 1 else ''}.")
    return listed


def _demand_octets() -> None:
    if multipart(request, OCTETS) is None:
        abort(406, 'Pixels are given decoded, as multipart/related; type="application/octet-stream".')


def _located(one: Instance) -> Header:
    base = url_for(".retrieve_instance", study=one.study, series=one.series, instance=one.uid, _external=True)
    return {
        number: {**element, "BulkDataURI": f"{base}/{element['BulkDataURI']}"} if "BulkDataURI" in element else element
        for number, element in one.header.items()
    }


def _file(one: Instance, transfer_syntax: str) -> bytes:
    dataset = dcmread(one.path)
    stored = dataset.file_meta.TransferSyntaxUID
    if not stored.is_compressed or transfer_syntax in ("*", stored):
        return one.path.read_bytes()
    dataset.decompress()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _parts(inner: str, bodies: Iterable[bytes]) -> Response:
    """A multipart/related body (RFC 2387), streamed part by part."""
    boundary = uuid.uuid4().hex
    head = f"--{boundary}\r\nContent-Type: {inner}\r\n".encode()

    def stream() -> Iterable[bytes]:
        for body in bodies:
            yield head + f"Content-Length: {len(body)}\r\n\r\n".encode()
            yield body
            yield b"\r\n"
        yield f"--{boundary}--\r\n".encode()

    return Response(stream(), content_type=f'multipart/related; type="{inner}"; boundary={boundary}')
