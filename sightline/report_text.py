"""The words of a report, safe to show: HTML from outside is cleaned by nh3 (ammonia), plain text stays plain.

What passes is structure alone. Nothing of it can run, load, style, link, post or be found by a name.
"""

from html import unescape

import nh3
from msgspec import Struct

from sightline.report import Form, Report

_TAGS = {
    *("p", "br", "div", "span", "b", "strong", "i", "em", "u", "sub", "sup", "pre", "blockquote", "hr"),
    *("ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
# What is thrown away with all that stands in it; of other tags that do not pass, the words stay.
_WITH_CONTENT = {
    *("script", "style", "title", "head", "iframe", "object", "embed", "svg", "math", "template", "noscript"),
    *("noembed", "noframes", "xmp", "textarea", "select", "option", "audio", "video", "canvas"),
}
_HTML = ("text/html", "application/xhtml+xml")


class Passage(Struct, frozen=True, gc=False):
    """A part of a report: HTML that was cleaned, or plain text in `plain`. One of the two is empty."""

    html: str = ""
    plain: str = ""


def cleaned(html: str) -> str:
    """The harmless part of HTML. Its headings become bold paragraphs, so that they do not break into the page's own."""
    bare = nh3.clean(html, tags=_TAGS, clean_content_tags=_WITH_CONTENT, attributes={}, link_rel=None)
    for level in "123456":
        bare = bare.replace(f"<h{level}>", "<p><strong>").replace(f"</h{level}>", "</strong></p>")
    return bare.strip()


def passages(report: Report, documents: list[tuple[Form, bytes]]) -> list[Passage]:
    """What the report says, each thing once: the text documents, else the narrative; and the conclusion.

    Generated narratives often say only what the report is called; those say nothing.
    """
    found = [_document(form, content) for form, content in documents]
    if not found and report.narrative:
        found = [Passage(html=cleaned(report.narrative))]
    said = " ".join(map(_spoken, found))
    if report.conclusion and _spoken(Passage(plain=report.conclusion)) not in said:
        found.append(Passage(plain=report.conclusion))
    return [passage for passage in found if _spoken(passage) not in ("", report.title)]


def is_text(form: Form) -> bool:
    """Whether the document is shown as words on our own page."""
    return form.content_type in (*_HTML, "text/plain", "text/markdown")


def _spoken(passage: Passage) -> str:
    """The words alone, to be compared."""
    return " ".join((passage.plain or unescape(nh3.clean(passage.html, tags=set()))).split())


def _document(form: Form, content: bytes) -> Passage:
    words = content.decode("utf-8-sig", "replace")
    return Passage(html=cleaned(words)) if form.content_type in _HTML else Passage(plain=_showable(words))


def _showable(words: str) -> str:
    return "".join(sign for sign in words.replace("\r\n", "\n") if sign in "\n\t" or sign.isprintable()).strip()
