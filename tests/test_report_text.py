"""What of a report's words is shown, and that nothing of it can run, load, style, link or post anything."""

import pytest

from sandbox.fhir.hostile_reports import HTML
from sightline.report import Form, Report
from sightline.report_text import Passage, cleaned, is_text, passages
from tests.html_page import read


def of(**more: object) -> list[Passage]:
    return passages(Report("North", "r1", **more), [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hostile",
    [
        HTML,
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<p style='position:fixed;inset:0'>over all</p>",
        "<p class=identity id=ended data-focus>named</p>",
        "<a href='javascript:alert(1)' target=_top>here</a>",
        "<form action=/s/x/sign-out method=post><button>Go on</button></form>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><embed src=x>",
        "<link rel=stylesheet href=//x.example><base href=//x.example><meta http-equiv=refresh content=0>",
        "<![CDATA[<script>alert(1)</script>]]><?xml-stylesheet href='x'?><!-- <script> -->",
        "</div></main></body></html><h1>A page of its own</h1>",
        "<details open ontoggle=alert(1)><input autofocus onfocus=alert(1)>",
    ],
)
def test_nothing_of_a_report_runs_loads_styles_or_posts(hostile: str) -> None:
    left = read(f"<main>{cleaned(hostile)}</main>")

    assert not [element.attributes for element in left.all() if element.attributes]
    harmless = {"main", "p", "div", "b", "strong", "table", "tr", "td", "tbody", "span", "br"}
    assert {element.tag for element in left.all()} <= harmless


def test_structure_and_words_stay() -> None:
    html = (
        "<div><p>Lungs <b>clear</b>.</p><ul><li>One</li></ul><table><tr><th>Side</th><td>LEFT</td></tr></table></div>"
    )
    left = cleaned(html)

    assert [read(left).one(tag).text for tag in ("b", "li", "th", "td")] == ["clear", "One", "Side", "LEFT"]


def test_headings_do_not_break_into_the_pages_own() -> None:
    assert cleaned("<h1>Findings</h1>") == "<p><strong>Findings</strong></p>"


def test_conclusion_is_said_once() -> None:
    said = of(
        title="CT",
        narrative="<div><p>CT &amp; contrast:  no\nbleeding.</p></div>",
        conclusion="CT & contrast: no bleeding.",
    )

    assert len(said) == 1
    assert of(narrative="<div>Findings</div>", conclusion="No bleeding.")[1] == Passage(plain="No bleeding.")


def test_narrative_that_only_repeats_the_title_says_nothing() -> None:
    assert of(title="CT chest", narrative="<div>CT chest</div>") == []


def test_text_document_stands_in_for_the_narrative_which_a_machine_wrote() -> None:
    report = Report("North", "r1", narrative="<div>generated</div>")
    html, plain = Form("text/html"), Form("text/plain")

    assert passages(report, [(html, b"<p>Dictated<script>x</script></p>")]) == [Passage(html="<p>Dictated</p>")]
    assert passages(report, [(plain, "\ufeffLine\r\n<b>two</b>\x07".encode())]) == [Passage(plain="Line\n<b>two</b>")]


def test_broken_bytes_of_a_text_are_shown_as_such() -> None:
    assert passages(Report("North", "r1"), [(Form("text/plain"), b"caf\xe9")]) == [Passage(plain="caf\ufffd")]


@pytest.mark.parametrize(
    ("kind", "shown"), [("text/html", True), ("application/pdf", False), ("text/rtf", False), ("", False)]
)
def test_only_text_is_shown_as_words(kind: str, shown: bool) -> None:
    assert is_text(Form(kind)) is shown
