"""What holds for rows in every kind of store: read while they live, taken once, gone when their time is over."""

import multiprocessing
import threading
import time
from collections.abc import Callable

import pytest

from sightline.errors import StoreUnavailable
from sightline.store import KINDS, Store
from tests.store.conftest import Address, opened


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest) -> Address:
    """Where an empty store of each kind stands."""
    found: Address = request.getfixturevalue(f"{request.param}_address")
    return found


@pytest.fixture
def store(address: Address) -> Store:
    return opened(address)


@pytest.fixture
def break_store(address: Address, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Gives a function that takes the rows away from under the store."""
    found: Callable[[], None] = request.getfixturevalue(f"break_{address.kind}")
    return found


def soon() -> float:
    return time.time() + 60


def read(store: Store, key: str) -> bytes | None:
    found = store.get(key)
    return found[0] if found else None


def test_row_is_read_as_it_was_put_with_the_time_of_its_death(store: Store) -> None:
    dies_at = soon()
    store.put("a", b"\x00sealed\xff", dies_at)

    assert store.get("a") == store.get("a") == (b"\x00sealed\xff", dies_at)
    assert store.get("b") is None


def test_row_put_again_takes_the_place_of_the_older_one(store: Store) -> None:
    store.put("a", b"old", soon())
    store.put("a", b"new", soon())

    assert read(store, "a") == b"new"


def test_row_is_added_only_where_no_living_one_stands(store: Store) -> None:
    store.put("dead", b"old", time.time() - 1)

    assert [store.add(key, b"new", soon()) for key in ("a", "a", "dead", "dead")] == [True, False, True, False]
    assert read(store, "a") == read(store, "dead") == b"new"


def test_row_past_its_time_is_gone_for_everybody(store: Store) -> None:
    store.put("a", b"x", time.time() - 1)

    assert store.get("a") is None
    assert store.take("a") is None


def test_row_dies_at_its_time(store: Store) -> None:
    store.put("a", b"x", time.time() + 0.2)
    assert read(store, "a") == b"x"

    time.sleep(0.25)

    assert store.get("a") is None


def test_row_that_was_taken_or_deleted_is_gone(store: Store) -> None:
    store.put("a", b"x", soon())
    store.put("b", b"y", soon())

    assert store.take("a") == b"x"
    store.delete("b")
    store.delete("never there")

    assert [store.get(key) for key in "ab"] == [None, None]
    assert store.take("a") is None


def test_living_row_is_kept_longer_and_a_dead_one_stays_dead(store: Store) -> None:
    store.put("living", b"x", time.time() + 0.2)
    store.put("dead", b"x", time.time() - 0.2)
    for key in ("living", "dead", "never there"):
        store.keep_until(key, soon())

    time.sleep(0.25)

    assert read(store, "living") == b"x"
    assert store.get("dead") is None
    assert store.get("never there") is None


def test_row_may_be_told_to_die_earlier(store: Store) -> None:
    store.put("a", b"x", soon())
    store.keep_until("a", time.time() - 1)

    assert store.get("a") is None


def test_rows_outlive_the_process_that_wrote_them(address: Address) -> None:
    opened(address).put("a", b"x", soon())

    assert read(opened(address), "a") == b"x"


def test_row_is_taken_by_one_of_many_threads_only(store: Store) -> None:
    for round_number in range(5):
        key = f"ticket {round_number}"
        store.put(key, b"x", soon())
        assert len(_winners(lambda key=key: store.take(key))) == 1  # type: ignore[misc]


def test_row_is_added_by_one_of_many_threads_only(store: Store) -> None:
    for round_number in range(5):
        key = f"lock {round_number}"
        assert len(_winners(lambda key=key: b"x" if store.add(key, b"x", soon()) else None)) == 1  # type: ignore[misc]


def _winners(take: Callable[[], bytes | None], runners: int = 8) -> list[bytes]:
    barrier, taken = threading.Barrier(runners), []

    def run() -> None:
        barrier.wait()
        taken.append(take())

    threads = [threading.Thread(target=run) for _ in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == runners
    return [row for row in taken if row is not None]


def _take_all(address: Address, keys: list[str]) -> list[str]:
    store = opened(address)
    return [key for key in keys if store.take(key) is not None]


def test_row_is_taken_by_one_of_several_processes_only(address: Address) -> None:
    keys = [f"ticket {number}" for number in range(50)]
    store = opened(address)
    for key in keys:
        store.put(key, b"x", soon())

    with multiprocessing.get_context("spawn").Pool(2) as processes:
        taken = processes.starmap(_take_all, [(address, keys), (address, keys)])

    assert sorted(taken[0] + taken[1]) == sorted(keys)


def test_many_threads_write_at_once_and_nothing_is_lost(store: Store) -> None:
    def write(number: int) -> None:
        for row in range(20):
            store.put(f"{number}-{row}", b"x" * 1000, soon())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(store.get(f"{number}-{row}") for number in range(4) for row in range(20))


def test_all_rows_whose_keys_end_alike_are_deleted_and_no_other(store: Store) -> None:
    for key in ("chart:a", "list:a", "ticket-[1]*?\\:a", "chart:ba", "chart:a:b", "chart:A"):
        store.put(key, b"x", soon())

    store.delete_all(":a")
    store.delete_all(":nobodys")

    assert [key for key in ("chart:a", "list:a", "ticket-[1]*?\\:a") if store.get(key)] == []
    assert [key for key in ("chart:ba", "chart:a:b", "chart:A") if not store.get(key)] == []


@pytest.mark.parametrize("ending", ["*", "?", "[a-z]", "\\", "_", "%"])
def test_signs_that_stand_for_others_in_patterns_stand_for_themselves(store: Store, ending: str) -> None:
    store.put("a", b"x", soon())
    store.put(f"a{ending}", b"x", soon())

    store.delete_all(ending)

    assert [bool(store.get(key)) for key in ("a", f"a{ending}")] == [True, False]


def test_count_begins_anew_when_its_time_is_over(store: Store) -> None:
    (first, ends_at), (second, ends_as_before) = store.count("a", 0.3), store.count("a", 0.3)

    assert (first, second) == (1, 2)
    assert ends_at == pytest.approx(ends_as_before, abs=0.05)
    assert ends_at == pytest.approx(time.time() + 0.3, abs=0.2)

    time.sleep(0.35)

    assert store.count("a", 0.3)[0] == 1


def test_counts_of_two_keys_and_rows_of_the_same_do_not_meet(store: Store) -> None:
    store.put("a", b"x", soon())

    assert [store.count(key, 60)[0] for key in "abaa"] == [1, 1, 2, 3]
    assert read(store, "a") == b"x"


def test_count_is_read_by_adding_nothing(store: Store) -> None:
    assert [store.count("a", 60, more)[0] for more in (0, 2, 0, 1)] == [0, 2, 2, 3]


def test_no_two_threads_are_given_the_same_count(store: Store) -> None:
    assert sorted(_winners(lambda: b"%d" % store.count("a", 60)[0])) == [b"%d" % number for number in range(1, 9)]


def test_every_question_to_a_store_that_is_broken_says_so_within_seconds(
    store: Store, break_store: Callable[[], None]
) -> None:
    store.put("a", b"x", soon())
    break_store()
    began = time.monotonic()
    for question in (
        lambda: store.put("a", b"x", soon()),
        lambda: store.put_beside("a", "b", b"x", soon()),
        lambda: store.add("b", b"x", soon()),
        lambda: store.get("a"),
        lambda: store.take("a"),
        lambda: store.keep_until("a", soon()),
        lambda: store.delete("a"),
        lambda: store.delete_all("a"),
        lambda: store.count("a", 60),
    ):
        with pytest.raises(StoreUnavailable):
            question()
    assert time.monotonic() - began < 10


def test_row_is_written_beside_a_living_one_only(store: Store) -> None:
    store.put("chart", b"c", soon())
    store.put("ended", b"e", soon())
    store.delete("ended")

    written = [store.put_beside(other, "list", other.encode(), soon()) for other in ("chart", "ended", "never there")]

    assert written == [True, False, False]
    assert read(store, "list") == b"chart"


def test_row_written_beside_another_takes_the_place_of_the_older_one_and_dies_at_its_own_time(store: Store) -> None:
    store.put("chart", b"c", soon())
    store.put_beside("chart", "list", b"old", soon())
    store.put_beside("chart", "list", b"new", time.time() - 1)
    assert read(store, "list") is None
    assert read(store, "chart") == b"c"
