"""Which imaging studies has Ada? Asked of every source; what is missing from the list is said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event, get_ident
from zoneinfo import ZoneInfo

import pytest

from sightline.batch import Batch, Coming, LeftOut
from sightline.discovery import Failure, Findings, Inquiry, Source, hidden
from sightline.errors import NotAllowed, SignInEnded, SourceError, SourceFailed, SourceSlow
from sightline.study import Status, Study

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class Hospital:
    """A source that gives out these answers, one after another; an error ends them. It waits for `may_go_on` first."""

    name: str
    answers: list[Batch | Exception] = field(default_factory=list)
    may_go_on: Event | None = None
    archive: str = ""

    @property
    def source(self) -> Source:
        return Source(self.name, self._studies, archive=self.archive)

    def _studies(self) -> Iterator[Batch]:
        assert self.may_go_on is None or self.may_go_on.wait(10)
        for answer in self.answers:
            if isinstance(answer, Exception):
                raise answer
            yield answer


def study(uid: str, source: str = "North", **facts: object) -> Study:
    return Study(**{"source": source, "uid": uid, "resource_ids": (f"{source}-{uid}",), **facts})  # type: ignore[arg-type]


def inquiry(*sources: Hospital) -> Inquiry:
    return Inquiry([hospital.source for hospital in sources], 0.0)


def found(*sources: Hospital) -> Findings:
    asked = inquiry(*sources)
    while not asked.findings.complete:
        assert asked.listen(10)
    return asked.findings


def uids(findings: Findings) -> set[str | None]:
    return {study.uid for study in findings.studies.values()}


def test_every_source_is_asked() -> None:
    findings = found(Hospital("North", [Batch([study("1.1")])]), Hospital("South", [Batch([study("1.2", "South")])]))

    assert uids(findings) == {"1.1", "1.2"}
    assert findings.sources == ("North", "South")
    assert (findings.count_of("North"), findings.count_of("South")) == (1, 1)
    assert findings.is_whole


def test_patient_without_studies_has_an_empty_list_that_is_whole() -> None:
    findings = found(Hospital("North", [Batch()]))

    assert findings.studies == {}
    assert findings.is_whole


def test_study_at_two_sources_is_one_study() -> None:
    north = Hospital("North", [Batch([study("1.1", modalities=("CT",), instance_count=9)])])
    south = Hospital("South", [Batch([study("1.1", "South", modalities=("KO",), accession="A1")])])

    (only,) = found(north, south).studies.values()

    assert (only.modalities, only.instance_count, only.accession) == (("CT", "KO"), 9, "A1")


def test_studies_without_a_uid_stay_apart() -> None:
    nameless = [Study("North", resource_ids=(name,)) for name in "ab"]

    assert len(found(Hospital("North", [Batch(nameless)])).studies) == 2


def test_first_studies_are_known_before_the_last_have_come() -> None:
    late = Event()
    asked = inquiry(
        Hospital("North", [Batch([study("1.1")])]), Hospital("South", [Batch([study("1.2", "South")])], late)
    )

    assert asked.listen(10)
    assert uids(asked.findings) == {"1.1"}
    assert not asked.findings.complete
    assert not asked.findings.is_whole
    late.set()
    while not asked.findings.complete:
        assert asked.listen(10)

    assert uids(asked.findings) == {"1.1", "1.2"}
    assert asked.findings.is_whole


def test_source_that_hangs_holds_up_no_other_and_is_not_waited_for_longer_than_wanted() -> None:
    never = Event()
    asked = inquiry(Hospital("Hangs", [Batch()], never), Hospital("South", [Batch([study("1.2", "South")])]))

    assert asked.listen(10)
    assert uids(asked.findings) == {"1.2"}
    assert not [asked.listen(0.01) for _ in range(3)][-1]
    assert not asked.findings.complete
    never.set()


def test_list_is_complete_only_when_every_source_has_said_its_last_word() -> None:
    asked = inquiry(Hospital("North", [Batch(more=True), Batch()]))
    states = []
    while not asked.findings.complete:
        asked.listen(10)
        states.append(asked.findings.complete)

    assert states == [False, True]


def test_list_is_complete_although_the_last_source_fails() -> None:
    assert found(Hospital("N", [Batch()]), Hospital("S", [SourceSlow()])).complete


def test_source_that_ends_without_a_word_is_complete() -> None:
    assert found(Hospital("North", [Batch(more=True)]), Hospital("South", [])).complete


@pytest.mark.parametrize("refusal", [NotAllowed("HTTP 403"), SignInEnded("HTTP 401")])
def test_what_the_ehr_refuses_no_other_source_gives(refusal: SourceError) -> None:
    with pytest.raises(type(refusal)):
        found(Hospital("EHR", [refusal]), Hospital("Archive", [Batch([study("1.1", "Archive")], more=True), Batch()]))


def test_nobody_is_asked_for_another_page_once_nobody_listens() -> None:
    asked_on, go = Event(), Event()

    def pages() -> Iterator[Batch]:
        yield Batch(more=True)
        assert go.wait(10)
        yield Batch(more=True)
        asked_on.set()
        yield Batch()

    asked = Inquiry([Source("North", pages)], 0.0)
    assert asked.listen(10)
    asked.give_up()
    go.set()
    assert asked.listen(10)

    assert not asked_on.wait(0.2)


def test_where_nobody_answers_the_ehrs_own_reason_counts() -> None:
    with pytest.raises(SourceSlow):
        found(Hospital("EHR", [SourceSlow()]), Hospital("Archive", [SourceFailed()]))


def test_mistake_of_our_own_is_not_taken_for_a_source_that_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        found(Hospital("North", [ZeroDivisionError()]), Hospital("South", [Batch(more=True)]))


def test_every_fact_keeps_its_origin_where_two_sources_have_the_study() -> None:
    [only] = found(
        Hospital("EHR", [Batch([study("1.1", "EHR", started="2026-03-05", instance_count=3)])]),
        Hospital("Archive", [Batch([study("1.1", "Archive", started="2026-03-06", instance_count=4)])]),
    ).studies.values()

    assert sorted(only.sources) == ["Archive", "EHR"]
    assert {(record.source, record.started, record.instance_count) for record in only.records} == {
        ("EHR", "2026-03-05", 3),
        ("Archive", "2026-03-06", 4),
    }
    assert (only.started, only.instance_count) == ("2026-03-06", 4)  # one record's facts, not a mixture


def test_source_that_is_asked_anew_replaces_what_it_had_said_and_nobody_elses() -> None:
    again: list[Batch | Exception] = [Batch([study("1.1", "South", instance_count=1)], more=True)]
    again += [Batch([study("1.1", "South", instance_count=2)], anew=True)]
    [only] = found(
        Hospital("North", [Batch([study("1.1", description="MR")])]), Hospital("South", again)
    ).studies.values()

    assert {(record.source, record.instance_count) for record in only.records} == {("North", None), ("South", 2)}


def test_archive_that_knows_the_study_as_another_patients_contests_it() -> None:
    foreign = LeftOut(other_patient=1, foreign_uids=frozenset({"1.1"}))
    findings = found(
        Hospital("EHR", [Batch([study("1.1", "EHR")])]),
        Hospital("Archive", [Batch(left_out=foreign)], archive="https://a"),
    )

    assert findings.studies["1.1"].contested
    assert [account.is_archive for account in findings.accounts] == [False, True]


def test_source_that_fails_is_named_beside_the_studies_of_the_others() -> None:
    findings = found(Hospital("North", [SourceFailed("HTTP 500")]), Hospital("South", [Batch([study("1.2")])]))

    assert uids(findings) == {"1.2"}
    assert findings.failures == [Failure("North", "SourceFailed", SourceFailed.sentence, "HTTP 500")]
    assert not findings.is_whole


def test_source_that_fails_after_its_first_page_keeps_what_it_gave() -> None:
    findings = found(Hospital("North", [Batch([study("1.1")], more=True), Batch(failure=SourceSlow("page 2"))]))

    assert uids(findings) == {"1.1"}
    assert [failure.detail for failure in findings.failures] == ["page 2"]
    assert findings.complete
    assert not findings.is_whole


@pytest.mark.parametrize("error", [SourceSlow("slow"), NotAllowed("HTTP 403")])
def test_no_answer_at_all_is_an_error_and_not_an_empty_list(error: SourceError) -> None:
    with pytest.raises(type(error)):
        found(Hospital("North", [error]))


def test_studies_that_are_not_shown_are_counted() -> None:
    findings = found(
        Hospital(
            "North",
            [Batch(left_out=LeftOut(other_patient=2, unreadable=1, warnings=("Slow archive",)), more=True), Batch()],
        ),
        Hospital(
            "South",
            [
                Batch(
                    left_out=LeftOut(
                        other_patient=1,
                        unconfirmed=4,
                        warnings=(
                            "Slow archive",
                            "Old data",
                        ),
                    )
                )
            ],
        ),
    )

    assert (findings.left_out.other_patient, findings.left_out.unconfirmed, findings.left_out.unreadable) == (3, 4, 1)
    assert findings.left_out.warnings == ("Slow archive", "Old data")


def test_source_asked_anew_is_not_counted_twice_and_the_others_counts_stay() -> None:
    findings = found(
        Hospital("North", [Batch(left_out=LeftOut(other_patient=5, unreadable=1, warnings=("North is slow",)))]),
        Hospital(
            "South",
            [
                Batch(left_out=LeftOut(other_patient=1, unconfirmed=1, warnings=("South is slow",)), more=True),
                Batch(left_out=LeftOut(other_patient=1, unconfirmed=1), anew=True, more=True),
                Batch(left_out=LeftOut(other_patient=2, unconfirmed=2)),
            ],
        ),
    )

    assert (findings.left_out.other_patient, findings.left_out.unconfirmed, findings.left_out.unreadable) == (8, 3, 1)
    assert findings.left_out.warnings == ("North is slow",)


@pytest.mark.parametrize(
    "batch",
    [
        Batch(left_out=LeftOut(unconfirmed=1)),
        Batch(left_out=LeftOut(unreadable=1)),
        Batch(left_out=LeftOut(announced=77)),
        Batch(left_out=LeftOut(announced=0)),
        Batch(left_out=LeftOut(troubled=True)),
        Batch(cut_after=10),
        Batch(cut_after=0),
        Batch(failure=SourceSlow()),
    ],
)
def test_list_that_lacks_something_is_never_taken_for_the_whole(batch: Batch) -> None:
    assert not found(Hospital("North", [batch])).is_whole


def test_list_with_another_patients_study_in_it_is_not_taken_for_whole() -> None:
    """All of a merged patient's studies may still stand under the old id."""
    assert not found(Hospital("North", [Batch(left_out=LeftOut(other_patient=1))])).is_whole


def test_study_that_another_patients_record_names_too_is_contested_whichever_came_first() -> None:
    foreign = LeftOut(other_patient=1, foreign_uids=frozenset({"1.1"}))
    together = found(Hospital("North", [Batch([study("1.1"), study("1.2")], foreign)]))
    before = found(Hospital("North", [Batch(left_out=foreign, more=True), Batch([study("1.1")])]))
    after = found(Hospital("North", [Batch([study("1.1")], more=True), Batch(left_out=foreign)]))

    assert {uid: one.contested for uid, one in together.studies.items()} == {"1.1": True, "1.2": False}
    assert before.studies["1.1"].contested
    assert after.studies["1.1"].contested


def test_study_whose_second_number_another_patients_record_names_is_contested() -> None:
    foreign = LeftOut(other_patient=1, foreign_uids=frozenset({"1.9"}))
    findings = found(Hospital("North", [Batch([study("1.1", other_uids=("1.9",)), study("1.2")], foreign)]))

    assert {uid: one.contested for uid, one in findings.studies.items()} == {"1.1": True, "1.2": False}


def test_newest_study_stands_first_and_undated_ones_last() -> None:
    dates = {
        "1.1": None,
        "1.2": "2019",
        "1.3": "2026-03-05T10:00:00Z",
        "1.4": "20260305",
        "1.5": "soon",
        "1.6": "2019-07",
    }
    findings = found(Hospital("North", [Batch([study(uid, started=started) for uid, started in dates.items()])]))

    assert [study.uid for study in findings.newest_first(BERLIN)] == ["1.3", "1.4", "1.6", "1.2", "1.1", "1.5"]


def test_only_a_record_entered_in_error_is_hidden() -> None:
    statuses = [None, *Status]

    assert [status for status in statuses if hidden(study("1.1", status=status))] == [Status.ENTERED_IN_ERROR]


@dataclass
class Connected(Hospital):
    """A hospital to which there is a connection. `threads` asked it; it begins to answer when `may_go_on`."""

    threads: list[int] = field(default_factory=list)

    @property
    def source(self) -> Source:
        return Source(self.name, self._studies, at_once=self._at_once)

    def _at_once(self) -> Coming | None:
        if isinstance(self.answers[0], SignInEnded):
            raise self.answers[0]
        return Coming(self._noted(), lambda seconds: self.may_go_on is None or self.may_go_on.wait(seconds))

    def _noted(self) -> Iterator[Batch]:
        for batch in self._studies():
            self.threads.append(get_ident())
            yield batch


def test_lone_source_with_a_connection_is_heard_without_another_thread() -> None:
    north = Connected("North", [Batch([study("1.1")])])

    assert uids(found(north)) == {"1.1"}
    assert north.threads == [get_ident()]


def test_further_answers_of_a_lone_source_are_asked_for_while_the_first_is_shown() -> None:
    north = Connected("North", [Batch([study("1.1")], more=True), Batch([study("1.2")])])

    assert uids(found(north)) == {"1.1", "1.2"}
    assert north.threads[0] == get_ident() != north.threads[1]


def test_lone_source_that_does_not_begin_to_answer_in_time_is_not_waited_for() -> None:
    may_go_on = Event()
    north = Connected("North", [Batch([study("1.1")])], may_go_on)

    asked = inquiry(north)
    heard_too_early = asked.listen(0.01)
    may_go_on.set()

    assert not heard_too_early
    assert asked.listen(10)
    assert uids(asked.findings) == {"1.1"}
    assert asked.findings.complete


@pytest.mark.parametrize("refusal", [SignInEnded("when it was asked"), NotAllowed("when it answered"), SourceSlow()])
def test_lone_source_that_refuses_is_no_empty_list(refusal: SourceError) -> None:
    asked = inquiry(Connected("North", [refusal]))

    with pytest.raises(type(refusal)):
        asked.listen(10)
    assert asked.findings.failures


def test_lone_source_that_breaks_off_leaves_what_came_before() -> None:
    findings = found(Connected("North", [Batch([study("1.1")], more=True), SourceFailed("broke off")]))

    assert uids(findings) == {"1.1"}
    assert [failure.kind for failure in findings.failures] == ["SourceFailed"]


def test_two_sources_are_asked_each_in_a_thread_of_its_own_though_one_could_be_asked_at_once() -> None:
    north = Connected("North", [Batch([study("1.1")])])

    assert uids(found(north, Hospital("South", [Batch([study("1.2", "South")])]))) == {"1.1", "1.2"}
    assert north.threads == []
