"""Requests of every shape that RAD-106 allows, for tests that must hold for all of them."""

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from sightline.viewers.cx import Cx
from sightline.viewers.iid_request import PatientInvocation, StudyInvocation

HOSTILE = [
    "&",
    "#",
    "%",
    "%26",
    '"',
    "'",
    "<script>",
    " ",
    "+",
    "/../",
    "?",
    "=",
    "@",
    ";",
    "é",
    "日本",
]
"""Signs that could break out of a parameter."""

uids = st.lists(st.integers(0, 10**9).map(str), min_size=2, max_size=6).map(".".join)
printable = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
any_text = st.one_of(st.text(max_size=64), st.lists(st.sampled_from(HOSTILE), max_size=8).map("A".join))
accessions = any_text.filter(
    lambda text: 0 < len(text) <= 64 and text == text.strip() and "," not in text and text.isprintable()
)
flags = st.none() | st.booleans()
moments = st.datetimes(
    datetime(1900, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.none() | st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)

_parts = any_text.filter(
    lambda text: bool(text) and text == text.strip() and text.isprintable() and not set("^&~|\\") & set(text)
)
authorities = st.one_of(
    _parts.map(lambda space: (space, "", "")),
    uids.map(lambda oid: ("", oid, "ISO")),
    st.tuples(_parts, st.just("http://hospital.example/mrn?a=b#c"), st.just("URI")),
)
identified = st.builds(lambda number, authority: Cx(number, *authority), _parts, authorities)

study_requests = st.one_of(
    st.builds(StudyInvocation, st.lists(uids, min_size=1, max_size=5).map(tuple), st.just(()), printable, flags, flags),
    st.builds(
        StudyInvocation, st.just(()), st.lists(accessions, min_size=1, max_size=3).map(tuple), printable, flags, flags
    ),
)
patient_requests = st.builds(
    PatientInvocation,
    identified,
    _parts.filter(lambda name: "=" not in name),
    st.none() | st.dates(),
    st.none() | moments,
    st.none(),
    st.none() | st.integers(0, 99),
    st.lists(st.sampled_from(["CT", "MR", "XA"]), max_size=3).map(tuple),
    printable,
    flags,
    flags,
)
