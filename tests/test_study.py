"""Two records of one study become one row, and nothing that either said is lost."""

import itertools

import pytest
from hypothesis import given, settings, strategies as st

from sightline.study import Status, Study, merged

UID = "1.2.840.99.1"


def record(resource_id: str = "a", **facts: object) -> Study:
    return Study(**{"source": "North", "uid": UID, "resource_ids": (resource_id,), **facts})  # type: ignore[arg-type]


def test_fuller_record_gives_the_facts_and_the_other_fills_its_gaps() -> None:
    study = record("study", instance_count=120, description="CT Head", modalities=("CT",))
    key_images = record("key-images", instance_count=3, description="Key images", accession="A1", modalities=("KO",))

    for one, other in itertools.permutations((study, key_images)):
        both = merged(one, other)

        assert (both.instance_count, both.description, both.accession) == (120, "CT Head", "A1")
        assert set(both.modalities) == {"CT", "KO"}
        assert set(both.resource_ids) == {"study", "key-images"}


def test_same_record_read_again_is_the_newer_one() -> None:
    assert merged(record(description="Old"), record(description="New")) == record(description="New")


def test_two_records_without_an_id_of_their_own_are_not_taken_for_one_read_twice() -> None:
    first = record(resource_ids=(), modalities=("CT",), accession="A1")
    second = record(resource_ids=(), modalities=("KO",), instance_count=1)

    both = merged(first, second)

    assert (both.accession, set(both.modalities)) == ("A1", {"CT", "KO"})


def test_records_of_the_same_id_at_two_sources_are_two() -> None:
    both = merged(record(modalities=("CT",)), record(source="South", modalities=("MR",)))

    assert set(both.modalities) == {"CT", "MR"}


BEST_FIRST: list[tuple[Status | None, ...]] = [
    (Status.AVAILABLE,),
    (None, Status.UNKNOWN, Status.INACTIVE),
    (Status.REGISTERED,),
    (Status.CANCELLED, Status.ENTERED_IN_ERROR),
]


@pytest.mark.parametrize(
    ("better", "worse"),
    [pair for one, two in itertools.combinations(BEST_FIRST, 2) for pair in itertools.product(one, two)],
)
def test_record_that_has_its_images_is_never_hidden_by_one_that_has_not(
    better: Status | None, worse: Status | None
) -> None:
    good, bad = record("good", status=better, instance_count=1), record("bad", status=worse, instance_count=500)

    for both in (merged(good, bad), merged(bad, good)):
        assert (both.status, both.instance_count) == (better, 1)


def test_availability_is_that_of_the_better_record_or_not_said() -> None:
    good = record("good", status=Status.AVAILABLE)
    bad = record("bad", status=Status.CANCELLED, availability="UNAVAILABLE")

    assert merged(good, bad).availability is None
    assert merged(bad, good).availability is None


def test_study_of_very_many_records_names_no_more_than_32() -> None:
    study = record("0")
    for number in range(1, 40):
        study = merged(study, record(str(number), modalities=(f"X{number}",), other_uids=(f"1.2.{number}",)))

    assert [len(names) for names in (study.resource_ids, study.modalities, study.other_uids)] == [32, 32, 32]


def test_doubt_about_the_uid_stays_whichever_record_had_it() -> None:
    sure, unsure = record("a"), record("b", uid_in_doubt=True)

    assert merged(sure, unsure).uid_in_doubt
    assert merged(unsure, sure).uid_in_doubt


def test_study_is_known_by_its_uid_and_without_one_by_its_record() -> None:
    assert record("a", source="North").identity == record("b", source="South").identity
    assert record("a", uid=None).identity != record("b", uid=None).identity
    assert record("a", uid=None, source="North").identity != record("a", uid=None, source="South").identity


words = st.none() | st.text("ab", max_size=2)
lists = st.lists(st.text("ab", min_size=1, max_size=1), max_size=2).map(tuple)
records = st.builds(
    Study,
    source=st.sampled_from(["North", "South"]),
    uid=st.just(UID),
    resource_ids=lists,
    accession=words,
    started=words,
    description=words,
    status=st.none() | st.sampled_from(Status),
    modalities=lists,
    body_sites=lists,
    instance_count=st.none() | st.integers(0, 3),
)


@given(records, records)
@settings(deadline=None)
def test_merging_loses_no_modality_body_site_or_record(first: Study, second: Study) -> None:
    both = merged(first, second)
    reread = first.source == second.source and first.resource_ids == second.resource_ids != ()

    for name in ("modalities", "body_sites", "resource_ids"):
        kept = getattr(second, name) if reread else getattr(first, name) + getattr(second, name)
        assert set(getattr(both, name)) == set(kept)
    if not reread and (first.accession or second.accession):
        assert both.accession is not None


@pytest.mark.parametrize(
    ("ids", "reference"), [(("ct-1", "ct-2"), "ImagingStudy/ct-1"), (("a b", "ct-2"), "ImagingStudy/ct-2"), ((), "")]
)
def test_record_is_referred_to_by_the_first_id_that_is_one(ids: tuple[str, ...], reference: str) -> None:
    assert Study("EHR", resource_ids=ids).reference == reference


@given(records)
@settings(deadline=None)
def test_merging_a_record_with_itself_says_nothing_new(study: Study) -> None:
    both = merged(study, study)

    assert (both.uid, both.status, both.started, both.instance_count) == (
        study.uid,
        study.status,
        study.started,
        study.instance_count,
    )
