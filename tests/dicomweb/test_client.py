"""Ada's studies from an archive, over HTTP: hers alone, every page, and never a false "none"."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sightline.authorization import Authorization, FixedHeader
from sightline.batch import Batch
from sightline.dicomweb.client import DicomWebClient
from sightline.errors import (
    OwnAccessRefused,
    SourceError,
    SourceFailed,
    SourceNotAsking,
    SourceRefusedQuestion,
    SourceSlow,
    SourceTooLarge,
    SourceUnreachable,
    SourceUnreadable,
    SourceWithoutStudies,
)
from sightline.outbound import Door
from sightline.patient import Patient, PatientNumber
from tests.dicomweb.records import ADA, NOTHING, SYSTEM, additional, answer, record
from tests.far_side import HTML, Asked, FarSide, Reply, archive_at, in_turn, limits_of, seconds_since, unused_origin

ROOT = "/dicom-web"
CLEO = {"of": "SB-1003"}


def client_of(
    server: FarSide, way_in: Authorization | None = None, limits: dict[str, Any] | None = None, **settings: Any
) -> DicomWebClient:
    bounds = limits_of(**(limits or {}))
    archive = archive_at(server.url + ROOT, limits=bounds, **settings)
    return DicomWebClient(archive, Door(bounds.answer_seconds, bounds.answer_bytes), way_in or FixedHeader("Bearer t"))


def batches(
    replies: Callable[[Asked], Reply], patient: Patient = ADA, **settings: Any
) -> tuple[list[Batch], list[Asked]]:
    with FarSide(replies) as server:
        return list(client_of(server, **settings).studies(patient)), server.asked


def uids(found: list[Batch]) -> list[str | None]:
    return [study.uid for batch in found for study in batch.studies]


def test_one_page_is_one_question_by_number_and_issuer() -> None:
    found, [asked] = batches(lambda _: answer(record("1.2.1"), record("1.2.2")))

    assert uids(found) == ["1.2.1", "1.2.2"]
    assert not found[-1].more
    assert not found[-1].left_out
    assert asked.path == f"{ROOT}/studies"
    assert (asked.query["00100020"], asked.query["00100021"]) == ("SB-1001", "NORTH")
    assert asked.headers["Authorization"] == "Bearer t"
    assert asked.headers["Accept"].startswith("application/dicom+json")


@pytest.mark.parametrize("nothing", [NOTHING, answer()])
def test_archive_without_studies_of_hers_says_so_in_either_way(nothing: Reply) -> None:
    [batch], _ = batches(lambda _: nothing)

    assert (batch.studies, batch.more, bool(batch.left_out), batch.failure) == ([], False, False, None)


def test_records_of_others_are_left_out_and_counted() -> None:
    [batch], _ = batches(
        lambda _: answer(
            record("1.2.1"),
            record("1.2.9", **CLEO),
            record("1.2.8", issuer="SOUTH"),
            record("1.2.7", issuer=None),
            record("1.2.6", t00100030="19790330"),
            record("ORD-307"),
        )
    )

    assert uids([batch]) == ["1.2.1"]
    assert (batch.left_out.other_patient, batch.left_out.unconfirmed, batch.left_out.unreadable) == (2, 2, 1)
    assert batch.left_out.foreign_uids == {"1.2.9", "1.2.8", "1.2.6"}


def test_every_page_is_read() -> None:
    pages = in_turn(
        answer(record("1.2.1"), record("1.2.2"), Warning=additional(1)),
        answer(record("1.2.3")),
    )

    found, asked = batches(pages)

    assert uids(found) == ["1.2.1", "1.2.2", "1.2.3"]
    assert [batch.more for batch in found] == [True, False]
    assert asked[1].query["offset"] == "2"


def test_partial_answer_is_asked_on_from() -> None:
    found, _ = batches(in_turn(answer(record("1.2.1"), status=206), NOTHING))

    assert uids(found) == ["1.2.1"]
    assert not found[-1].more


def test_results_that_did_not_come_are_announced() -> None:
    found, _ = batches(in_turn(answer(record("1.2.1"), Warning=additional(4)), NOTHING))

    assert found[-1].left_out.announced == 5


def test_later_page_that_fails_ends_the_list_with_its_reason() -> None:
    found, _ = batches(in_turn(answer(record("1.2.1"), Warning=additional(1)), Reply(500)))

    assert uids(found) == ["1.2.1"]
    assert isinstance(found[-1].failure, SourceFailed)


def test_no_more_studies_are_read_than_allowed() -> None:
    found, _ = batches(lambda _: answer(*(record(f"1.2.{n}") for n in range(9))), limits={"studies": 4})

    assert len(uids(found)) == 4
    assert (found[-1].cut_after, found[-1].more) == (4, False)


def test_patient_with_two_numbers_is_asked_for_by_each() -> None:
    patient = Patient("ada", numbers=(PatientNumber(SYSTEM, "SB-1001"), PatientNumber("urn:oid:4.5", "S-9")))

    def replies(asked: Asked) -> Reply:
        one = asked.query["00100020"] == "SB-1001"
        return answer(record("1.2.1") if one else record("1.2.2", of="S-9", issuer="SOUTH"))

    found, _ = batches(replies, patient, issuers=((SYSTEM, "NORTH"), ("urn:oid:4.5", "SOUTH")))

    assert uids(found) == ["1.2.1", "1.2.2"]
    assert [batch.more for batch in found] == [True, False]


def test_second_number_that_fails_ends_the_list_and_keeps_what_came() -> None:
    patient = Patient("ada", numbers=(PatientNumber(SYSTEM, "SB-1001"), PatientNumber("urn:oid:4.5", "S-9")))
    issuers = ((SYSTEM, "NORTH"), ("urn:oid:4.5", "SOUTH"))

    found, _ = batches(in_turn(answer(record("1.2.1")), Reply(500)), patient, issuers=issuers)

    assert uids(found) == ["1.2.1"]
    assert isinstance(found[-1].failure, SourceFailed)


def test_patient_without_the_right_number_is_not_asked_for_at_all() -> None:
    with FarSide(lambda _: NOTHING) as server, pytest.raises(SourceNotAsking):
        list(client_of(server).studies(Patient("ada")))

    assert server.asked == []


def test_archive_that_takes_no_issuer_as_a_key_is_asked_without_and_checked_all_the_same() -> None:
    def replies(asked: Asked) -> Reply:
        if "00100021" in asked.query:
            return Reply(400)
        return answer(record("1.2.1"), record("1.2.9", issuer="SOUTH"))

    with FarSide(replies) as server:
        first, second = (list(client_of(server).studies(ADA)) for _ in range(2))

    assert uids(first) == uids(second) == ["1.2.1"]
    assert first[0].left_out.other_patient == 1
    assert len(server.asked) == 3  # the way it took is remembered


def test_archive_that_takes_no_includefield_is_asked_by_number_and_issuer() -> None:
    def replies(asked: Asked) -> Reply:
        return Reply(400) if "includefield" in asked.query else answer(record("1.2.1"))

    found, asked = batches(replies)

    assert uids(found) == ["1.2.1"]
    assert asked[-1].query["00100021"] == "NORTH"


def test_archive_that_tells_no_issuer_at_all_confirms_nothing() -> None:
    def replies(asked: Asked) -> Reply:
        plain = asked.query.keys() <= {"00100020", "limit"}
        return answer(record("1.2.1", issuer=None)) if plain else Reply(400)

    [batch], _ = batches(replies)

    assert batch.studies == []
    assert batch.left_out.unconfirmed == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(400), SourceRefusedQuestion),
        (Reply(401), OwnAccessRefused),
        (Reply(403), OwnAccessRefused),
        (Reply(404), SourceWithoutStudies),
        (Reply(413), SourceTooLarge),
        (Reply(500), SourceFailed),
        (Reply(503, headers={"Retry-After": "120"}), SourceFailed),
        (Reply(302, headers={"Location": "http://elsewhere.example/"}), SourceFailed),
        (HTML, SourceUnreadable),
        (Reply(body=b""), SourceUnreadable),
        (Reply(silent=True), SourceUnreachable),
    ],
)
def test_first_answer_that_is_none_is_an_error_and_never_an_empty_list(reply: Reply, error: type[SourceError]) -> None:
    with FarSide(lambda _: reply) as server, pytest.raises(error):
        list(client_of(server).studies(ADA))


def test_too_many_results_are_said_in_words() -> None:
    with FarSide(lambda _: Reply(413)) as server, pytest.raises(SourceTooLarge) as refused:
        list(client_of(server).studies(ADA))

    assert "more studies of this patient than it gives out" in refused.value.sentence


def test_archive_that_is_briefly_busy_is_asked_again() -> None:
    found, asked = batches(in_turn(Reply(503, headers={"Retry-After": "0"}), answer(record("1.2.1"))))

    assert uids(found) == ["1.2.1"]
    assert len(asked) == 2


def test_archive_that_is_not_there_is_unreachable() -> None:
    client = DicomWebClient(archive_at(unused_origin()), Door(1, 1000), FixedHeader(""))

    with pytest.raises(SourceUnreachable):
        list(client.studies(ADA))


def test_archives_own_patience_is_shorter_than_everybodys() -> None:
    begin = time.monotonic()
    with FarSide(lambda _: Reply(wait=30)) as server, pytest.raises(SourceSlow):
        list(client_of(server, limits={"answer_seconds": 0.3}).studies(ADA))

    assert seconds_since(begin) < 5


def test_list_ends_when_its_time_is_used_up() -> None:
    def replies(_: Asked) -> Reply:
        return replace(answer(record(f"1.2.{time.monotonic_ns()}"), Warning=additional(1)), wait=0.2)

    found, _ = batches(replies, limits={"list_seconds": 0.5})

    assert isinstance(found[-1].failure, SourceSlow)


@dataclass
class Renewing:
    """Lets in with the second value only."""

    covers_all: bool = True

    def header(self) -> str:
        return "Bearer old"

    def after_refusal(self, header: str) -> str:
        return "Bearer new"


def test_refused_token_is_followed_by_a_new_one_once() -> None:
    def replies(asked: Asked) -> Reply:
        return answer(record("1.2.1")) if asked.headers["Authorization"] == "Bearer new" else Reply(401)

    found, asked = batches(replies, way_in=Renewing())

    assert uids(found) == ["1.2.1"]
    assert len(asked) == 2


def test_question_for_the_trail_names_the_archive_and_the_number() -> None:
    with FarSide(lambda _: NOTHING) as server:
        client = client_of(server)

        assert client.question(ADA).startswith(f"GET {server.url}{ROOT}/studies?00100020=SB-1001&00100021=NORTH&")
        assert client.question(Patient("ada")) == ""


def test_images_are_asked_for_at_the_archives_second_address() -> None:
    with FarSide(lambda _: Reply(body=b"jpeg", headers={"Content-Type": "image/jpeg"})) as server:
        client = client_of(server, wado_address=f"{server.url}/wado")
        found = client.retrieve("/studies/1.2.1/thumbnail", "image/jpeg")

    [asked] = server.asked
    assert (found.status, found.body) == (200, b"jpeg")
    assert (asked.path, asked.headers["Accept"]) == ("/wado/studies/1.2.1/thumbnail", "image/jpeg")
    assert asked.headers["Authorization"] == "Bearer t"


STUDY = "1.2.1"


def has(replies: Callable[[Asked], Reply], patient: Patient = ADA, **settings: Any) -> tuple[bool, list[Asked]]:
    with FarSide(replies) as server:
        return client_of(server, **settings).has(STUDY, patient, 5), server.asked


def test_one_study_is_asked_for_as_this_patients() -> None:
    found, [asked] = has(lambda _: answer(record(STUDY)))

    assert found
    assert asked.query["0020000D"] == STUDY
    assert (asked.query["00100020"], asked.query["00100021"]) == ("SB-1001", "NORTH")


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record("1.2.9")],
        [record(STUDY, **CLEO)],
        [record(STUDY), record(STUDY, **CLEO)],
        [record(STUDY, issuer="SOUTH")],
        [record(STUDY, issuer=None)],
        [record(STUDY, t00100030="19790330")],
        [record(STUDY, t0020000D=[STUDY, "1.2.9"])],
    ],
    ids=[
        "none",
        "another study",
        "another's",
        "hers and another's",
        "issuer",
        "no issuer",
        "birth date",
        "two studies",
    ],
)
def test_study_that_is_not_clearly_this_patients_is_not_there(records: list[dict[str, Any]]) -> None:
    found, _ = has(lambda _: answer(*records))

    assert not found


def test_patient_whom_the_archive_cannot_know_is_not_asked_for() -> None:
    with pytest.raises(SourceNotAsking):
        has(lambda _: answer(record(STUDY)), Patient("ada"))


def test_archive_that_takes_no_issuer_as_a_key_is_asked_for_the_study_more_plainly() -> None:
    found, asked = has(lambda asked: answer(record(STUDY)) if "00100021" not in asked.query else Reply(400))

    assert found
    assert len(asked) == 2


def test_series_of_a_study_are_asked_for_with_what_the_page_tells_of_them() -> None:
    series = {"0020000E": {"vr": "UI", "Value": ["1.2.1.1"]}, "00080060": {"vr": "CS", "Value": ["XC"]}}
    with FarSide(lambda _: answer(series)) as server:
        [found] = client_of(server).series(STUDY, 5)

    assert (found.uid, found.modality) == ("1.2.1.1", "XC")
    [asked] = server.asked
    assert asked.path == f"{ROOT}/studies/{STUDY}/series"
    assert "00201209" in asked.query["includefield"]


def test_archive_that_refuses_more_fields_is_asked_for_the_series_alone() -> None:
    with FarSide(lambda asked: Reply(400) if asked.query else answer()) as server:
        assert client_of(server).series(STUDY, 5) == ()
        assert len(server.asked) == 2


def test_series_that_cannot_be_had_are_not_none() -> None:
    with FarSide(lambda _: Reply(500)) as server, pytest.raises(SourceFailed):
        client_of(server).series(STUDY, 5)
