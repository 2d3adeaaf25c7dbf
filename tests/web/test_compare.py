"""Two studies beside each other: which prior is offered first, what each is called, and what is never compared."""

from collections.abc import Callable
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from tests.configured import block, rule
from tests.conftest import Pair
from tests.ehr_user import EhrUser, Page
from tests.web.conftest import Trail
from tests.web.test_viewer import study_uid

CURRENT, PRIOR = "CT chest with contrast", "CT chest"
CURRENT_LABEL = "CT · CT chest with contrast · 05-Mar-2026 14:15"
PRIOR_LABEL = "CT · CT chest · 08-Jul-2025 10:10"


def priors_of(user: EhrUser, words: str, patient: str = "ada") -> Page:
    """The choice of priors for this study, reached from its images."""
    return user.follows(user.opens_images(user.opens_chart(patient), words), "Compare with a prior")


def compared(user: EhrUser, words: str = CURRENT, prior: str = PRIOR_LABEL) -> Page:
    return user.follows(priors_of(user, words), f"Compare with {prior}")


def asked_of_display(user: EhrUser, page: Page) -> list[list[str]]:
    """For each frame of the page, the Study Instance UIDs that its display is asked for."""
    frames = [user.asks(frame["src"]).headers["Location"] for frame in page.root.all("iframe")]
    return [parse_qs(urlsplit(address).query)["studyUID"][0].split(",") for address in frames]


def names(page: Page) -> list[str]:
    return [head.words_of("h2") for head in page.root.all("div", "pane-head")]


def one_study_at_a_time(toml: str) -> str:
    return toml.replace('viewer_type = "IHE_BIR"', 'viewer_type = "IHE_BIR"\nlist_separator = "none"')


def test_prior_offered_first_is_the_newest_of_the_same_type_and_body_part(user: EhrUser) -> None:
    choice = priors_of(user, CURRENT)

    assert choice.heading == "Compare with a prior"
    first, second = choice.rows[:2]
    assert (first.description, first.counts) == (PRIOR, "7 months earlier")
    assert first.details[0].startswith("Same type and body part")
    assert (second.description, second.counts) == ("Chest PA, digitised film", "11 years earlier")
    assert "Showing 1–8 of 8 – the most fitting first" in choice.text


def test_later_studies_and_records_entered_in_error_are_never_offered(user: EhrUser) -> None:
    choice = priors_of(user, CURRENT)

    words = [row.description for row in choice.rows]
    assert "Echocardiography" not in words
    assert "CR Hand of another person" not in choice.html
    assert CURRENT not in words


def test_prior_that_cannot_be_opened_says_why_and_has_no_button(user: EhrUser) -> None:
    row = priors_of(user, CURRENT).row("MR Lumbar spine")

    assert (row.images, row.obstacle) == ("", "No images were made.")


def test_oldest_study_has_no_prior_and_the_page_says_so(user: EhrUser) -> None:
    choice = priors_of(user, "Chest PA, digitised film")

    assert not choice.rows
    assert "No study of this patient here is earlier than this one." in choice.text
    assert user.follows(choice, "Its images alone").root.all("iframe")


def test_many_priors_are_offered_fifty_at_a_time(user: EhrUser) -> None:
    page = user.opens_chart("max")
    newest = page.rows[0]
    choice = user.visits(newest.images.replace("/view/", "/compare/"))
    more = user.follows(choice, "Others")

    assert len(choice.rows) == len(more.rows) == 50
    assert not {row.key for row in choice.rows} & {row.key for row in more.rows}
    assert {row.key for row in user.follows(more, "More fitting").rows} == {row.key for row in choice.rows}
    assert user.visits(f"{choice.url}?start=99999").status == user.visits(f"{choice.url}?start=-x").status == 200


def test_incomplete_list_is_said_where_priors_are_chosen(user: EhrUser) -> None:
    page = user.opens_chart("ada", "fault-second-page")
    study = next(row for row in page.rows if row.images)
    choice = user.visits(study.images.replace("/view/", "/compare/"))

    assert "Not all of this patient's studies could be read; earlier ones may exist." in choice.notices[0]


def test_one_viewer_that_takes_several_studies_is_given_both(user: EhrUser) -> None:
    page = compared(user)

    assert (page.status, page.patient) == (200, user.visits(page.url).patient)
    uids = [study_uid(user.pair, "ada", words) for words in (CURRENT, PRIOR)]
    assert asked_of_display(user, page) == [uids]
    assert names(page) == [
        "Current CT CT chest with contrast 05-Mar-2026 14:15",
        "Prior, 7 months earlier CT CT chest 08-Jul-2025 10:10",
    ]
    assert page.root.one("iframe")["title"] == f"Images: {CURRENT_LABEL}, and {PRIOR_LABEL}"


def test_two_frames_each_have_a_ticket_and_a_title_of_their_own(user: EhrUser) -> None:
    page = user.follows(compared(user), "Two frames")

    uids = [[study_uid(user.pair, "ada", words)] for words in (CURRENT, PRIOR)]
    assert asked_of_display(user, page) == uids
    assert [frame["title"] for frame in page.root.all("iframe")] == [
        f"Images: {CURRENT_LABEL}",
        f"Images: {PRIOR_LABEL}",
    ]
    assert [label.text for label in page.root.all("label")] == ["Current", "Prior, 7 months earlier"]
    assert len(user.follows(page, "One viewer").root.all("iframe")) == 1


def test_viewer_that_takes_one_study_at_a_time_stands_in_two_frames(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    user = EhrUser(sightline_with(one_study_at_a_time))
    page = compared(user)

    assert len(asked_of_display(user, page)) == 2
    assert not page.has_link("One viewer")
    assert not page.has_link("Two frames")


def test_study_known_by_its_accession_number_only_stands_in_a_frame_of_its_own(user: EhrUser) -> None:
    page = compared(user, CURRENT, "X-ray · Lower leg AP · LEFT · 17-Jan-2024 16:05")

    addresses = [user.asks(frame["src"]).headers["Location"] for frame in page.root.all("iframe")]
    assert ["accessionNumber=" in address for address in addresses] == [False, True]
    assert "Opened by its accession number. Check the name in the images." in page.text


def test_studies_that_rules_open_in_two_viewers_stand_in_both(
    sightline_with: Callable[[Callable[[str], str]], Pair],
) -> None:
    ohif = block("ohif", address="https://ohif.example", open="tab") + rule(viewer="ohif", modality=["MR"])
    user = EhrUser(sightline_with(lambda toml: toml.replace("[limits]", f"{ohif}[limits]")))
    audit = Trail(user.pair.data_folder)
    page = compared(user, CURRENT, "MRI · MR brain · 18-Nov-2025 09:21")

    assert len(page.root.all("iframe")) == 1
    assert user.asks(page.link("Open the images")).headers["Location"].startswith("https://ohif.example/viewer?")
    assert [record["viewer"] for record in audit.records if record["action"] == "open"][-2:] == ["display", "ohif"]


def test_swapped_studies_keep_their_names(user: EhrUser) -> None:
    page = compared(user)
    swapped = user.follows(page, "Swap")

    assert names(swapped) == names(page)[::-1]
    assert asked_of_display(user, swapped)[0] == asked_of_display(user, user.visits(page.url))[0][::-1]
    apart = user.follows(user.follows(page, "Two frames"), "Swap")
    assert len(apart.root.all("iframe")) == 2
    for each in (page, swapped):
        assert user.follows(each, "Another prior").root.one("p", "compared").text.startswith(f"Current CT {CURRENT}")


def test_closing_one_leaves_the_other(user: EhrUser) -> None:
    page = compared(user)

    assert PRIOR_LABEL in user.follows(page, f"Close {CURRENT_LABEL}").root.words_of("title")
    assert CURRENT_LABEL in user.follows(page, f"Close {PRIOR_LABEL}").root.words_of("title")


def test_new_tab_of_a_comparison_is_our_page_below_the_patients_line(user: EhrUser) -> None:
    page = compared(user)
    tab = EhrUser(user.pair).visits(page.link("Open in new tab"))

    assert (tab.status, tab.url, tab.patient, names(tab)) == (200, page.url, page.patient, names(page))


def test_way_back_keeps_the_filter_and_leads_to_the_row(user: EhrUser) -> None:
    listed = user.filters(user.opens_chart("ada"), type="CT")
    viewer = user.opens_images(listed, CURRENT)
    page = user.follows(user.follows(viewer, "Compare with a prior"), f"Compare with {PRIOR_LABEL}")

    back = page.link("Back to the list")
    assert back.endswith(f"?type=CT#{listed.row(CURRENT).key}")
    assert "Data filtered to show: CT" in user.visits(back).text


def test_each_of_two_studies_has_its_own_record_of_being_opened(user: EhrUser, trail: Trail) -> None:
    choice = priors_of(user, CURRENT)
    before = len(trail.records)
    user.follows(choice, f"Compare with {PRIOR_LABEL}")

    written = trail.records[before:]
    uids = [study_uid(user.pair, "ada", words) for words in (CURRENT, PRIOR)]
    assert [(record["action"], record["outcome"], record["study_uid"]) for record in written] == [
        ("open", "success", uid) for uid in uids
    ]
    assert {record["patient"] for record in written} == {"ada"}


def assert_refused(page: Page, trail: Trail, status: int, words: str, outcome: str) -> None:
    assert page.status == status
    assert words in page.text
    assert not page.root.all("iframe")
    assert [record["outcome"] for record in trail.records if record["action"] == "open"][-1] == outcome


def test_studies_of_two_patients_are_never_compared(user: EhrUser, trail: Trail) -> None:
    cleos = user.opens_chart("cleo").row("CT head").key
    adas = user.opens_chart("ada")
    for keys in (f"{adas.row(CURRENT).key}/{cleos}", f"{cleos}/{adas.row(CURRENT).key}"):
        refused = user.visits(f"{adas.url}compare/{keys}")
        words = "The address names no imaging study of the patient whose chart is open."
        assert_refused(refused, trail, 404, words, "StudyNotFound")
        assert refused.patient == adas.patient
    assert user.visits(f"{adas.url}compare/{cleos}").status == 404
    assert not [record for record in trail.records if record["action"] == "open" and record["outcome"] == "success"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("CR Hand of another person", "This record should not exist."),
        ("US Abdomen", "No images have arrived yet."),
        (CURRENT, "These are one and the same study."),
    ],
)
def test_what_cannot_be_opened_is_not_compared_either(user: EhrUser, trail: Trail, other: str, why: str) -> None:
    page = user.visits(f"{user.opens_chart('ada').url}?hidden=show")
    keys = page.row(CURRENT).key, page.row(other).key
    for one, two in (keys, keys[::-1]):
        refused = user.visits(urljoin(page.url, f"compare/{one}/{two}"))
        assert_refused(refused, trail, 409, why, "CannotOpen")
    assert not [record for record in trail.records if record["action"] == "open" and record["outcome"] == "success"]


def test_studies_whose_dates_do_not_tell_are_not_called_current_or_prior(user: EhrUser) -> None:
    page = user.opens_chart("mina")
    undated = next(row for row in page.rows if "not recorded" in row.date and row.images)
    dated = next(row for row in page.rows if row.images and row.key != undated.key)
    pair = user.visits(urljoin(page.url, f"compare/{dated.key}/{undated.key}"))

    assert "which of the two is earlier their dates do not tell" in pair.heading
    assert not [name for name in names(pair) if name.startswith(("Current", "Prior"))]


def test_comparison_is_closed_to_a_browser_without_the_charts_cookie(user: EhrUser, trail: Trail) -> None:
    stranger = EhrUser(user.pair).visits(compared(user).url)

    assert (stranger.status, stranger.patient) == (401, "")
    assert trail.records[-1]["outcome"] == "ChartClosed"


def test_report_of_each_study_is_one_click_from_its_heading(user: EhrUser) -> None:
    page = compared(user)

    for label, words in ((CURRENT_LABEL, "Nodule of 6 mm"), (PRIOR_LABEL, "Report withdrawn.")):
        assert words in user.follows(page, f"Report : {label}").text


def test_no_report_is_offered_beside_a_study_where_none_may_be_asked_for(user: EhrUser) -> None:
    images = user.opens_images(user.opens_chart("ada", "r4-no-reports"), CURRENT)
    page = user.follows(user.follows(images, "Compare with a prior"), f"Compare with {PRIOR_LABEL}")

    assert not [link for link in page.root.all("a") if link.spoken.startswith("Report")]
