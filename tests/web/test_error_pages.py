"""The page for everything that goes wrong: a sentence, a reference, a way on; and nothing that came from outside."""

import re
from collections.abc import Iterator

import pytest

import sightline.errors
from sightline.errors import SightlineError
from sightline.web.error_pages import new_reference
from tests.ehr_user import EhrUser


def every_error(parent: type[SightlineError] = SightlineError) -> Iterator[type[SightlineError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from every_error(child)


def test_address_of_no_page_is_said_to_be_none(user: EhrUser) -> None:
    page = user.visits("/nothing/here/<b>bold</b>?x=<script>")
    assert (page.status, page.heading) == (404, "There is no such page")
    assert "Open imaging from the patient's chart." in page.text
    assert "nothing/here" not in page.html
    assert "script>" not in page.html.replace("</script>", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_method_that_no_page_takes_is_refused_with_a_page(user: EhrUser, method: str) -> None:
    answer = user.browser.request(method, f"{user.pair.sightline_url}/", timeout=10)
    assert answer.status_code == 405
    assert "The request was not understood" in answer.text
    assert "Reference" in answer.text


def test_page_that_is_missing_inside_a_chart_shows_no_patient(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    missing = user.visits(f"{page.url}nothing")
    assert missing.status == 404
    assert missing.patient == ""


def test_reference_on_the_page_stands_in_the_log_beside_the_kind_of_error(
    user: EhrUser, caplog: pytest.LogCaptureFixture
) -> None:
    page = user.visits("/s/nobodys/")
    (record,) = [record for record in caplog.records if page.reference in record.getMessage()]
    assert "ChartClosed" in record.getMessage()


def test_references_can_be_read_out_on_the_telephone_and_do_not_repeat() -> None:
    made = {new_reference() for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch("[A-HJ-NP-Z2-9]{8}", reference) for reference in made)


def test_every_kind_of_error_says_what_happened_and_what_to_do() -> None:
    kinds = list(every_error())
    assert len(kinds) > 15
    for kind in kinds:
        for words in (kind.sentence, kind.action):
            assert words.endswith("."), f"{kind.__name__}: {words!r}"
        assert kind.heading
        assert not kind.heading.endswith(".")
        assert 400 <= kind.status < 600
        assert kind.__name__ in (sightline.errors.__doc__ or "") or kind.__module__ != "sightline.errors"


def test_error_in_an_open_chart_leads_back_to_its_list(user: EhrUser) -> None:
    page = user.opens_chart("ada")
    missing = user.visits(f"{page.url}view/x")
    assert user.follows(missing, "Imaging studies of this patient").url == page.url
