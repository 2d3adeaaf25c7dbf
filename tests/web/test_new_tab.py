"""Out of the EHR's frame into a tab of its own, where the cookies of the frame do not reach."""

from collections.abc import Callable

from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page


def opened(user: EhrUser) -> Page:
    return user.opens_images(user.opens_chart("ada"), "CT chest with contrast")


def test_new_tab_without_the_frames_cookies_shows_the_same_study_below_the_same_patient(pair: Pair) -> None:
    framed = opened(EhrUser(pair))
    tab = EhrUser(pair).visits(framed.link("Open in new tab"))
    assert (tab.status, tab.url, tab.patient, tab.heading) == (200, framed.url, framed.patient, framed.heading)
    assert tab.root.all("iframe")


def test_same_page_without_a_ticket_is_closed_to_a_browser_without_the_cookie(pair: Pair) -> None:
    assert EhrUser(pair).visits(opened(EhrUser(pair)).url).status == 401


def test_way_into_a_new_tab_works_once(pair: Pair) -> None:
    link = opened(EhrUser(pair)).link("Open in new tab")
    assert EhrUser(pair).visits(link).status == 200
    again = EhrUser(pair).visits(link)
    assert (again.status, again.heading) == (410, "The viewer was not opened")
    assert "LINDQVIST" not in again.text


def test_way_into_the_viewer_itself_hands_over_no_cookie(pair: Pair) -> None:
    user = EhrUser(pair)
    link = user.follows(opened(user), "Nothing to see?").link("Open the images")
    answer = EhrUser(pair).asks(link)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{pair.hospital_url}/display/IHEInvokeImageDisplay?requestType=STUDY")
    assert "Set-Cookie" not in answer.headers
    assert EhrUser(pair).visits(link).status == 410


def test_way_into_the_viewer_itself_is_open_for_a_minute(pair: Pair, clock_goes_on: Callable[[float], None]) -> None:
    user = EhrUser(pair)
    page = user.opens_chart("ada")
    early, late = (
        user.follows(user.opens_images(page, "MR brain"), "Nothing to see?").link("Open the images") for _ in range(2)
    )
    clock_goes_on(55)
    assert EhrUser(pair).asks(early).status_code == 303
    clock_goes_on(10)
    assert EhrUser(pair).visits(late).status == 410


def test_ticket_that_nobody_made_opens_nothing(pair: Pair) -> None:
    assert EhrUser(pair).visits("/tab/made-up").status == 410


def test_new_tab_of_a_chart_that_has_ended_shows_nothing_of_it(pair: Pair) -> None:
    user = EhrUser(pair)
    framed = opened(user)
    pair.sightline.extensions["sightline"].store.delete(f"chart:{framed.url.split('/')[4]}")
    tab = EhrUser(pair).visits(framed.link("Open in new tab"))
    assert (tab.status, tab.heading) == (401, "This imaging session has ended")
