"""A page as a person meets it: a small tree of elements, and the rules that every page of Sightline keeps.

Reads with the standard library's parser. Good for pages that close their elements, which Sightline's do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
NOT_READ = frozenset({"head", "script", "style", "template"})
ADDRESSES = ("href", "src", "action", "formaction", "poster", "srcset", "data")
# Five dots at least, or a UUID as a UID (DICOM PS3.5 B.2): no date, number or version on a page has as many.
DICOM_UID = re.compile(r"\d+(?:\.\d+){5,}|2\.25\.\d{10,}")


@dataclass(slots=True)
class Element:
    """One element. `text` is what a sighted person reads of it, `spoken` what a screen reader says; spaces squeezed."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self._words(lambda element: "unseen" in element.classes)).split())

    @property
    def spoken(self) -> str:
        return " ".join("".join(self._words(lambda element: element["aria-hidden"] == "true")).split())

    @property
    def classes(self) -> list[str]:
        return self["class"].split()

    def __getitem__(self, attribute: str) -> str:
        """The attribute's value; empty where there is none."""
        return self.attributes.get(attribute, "")

    def all(self, tag: str = "", class_: str = "", **attributes: str) -> list["Element"]:
        """Every element below this one with this tag, class and attribute values, in reading order."""
        return [element for element in self._below() if element._is(tag, class_, attributes)]

    def one(self, tag: str = "", class_: str = "", **attributes: str) -> "Element":
        """The only such element; fails where there is none, or more."""
        found = self.all(tag, class_, **attributes)
        assert len(found) == 1, f"{len(found)} elements {tag}.{class_} {attributes}"
        return found[0]

    def words_of(self, tag: str = "", class_: str = "") -> str:
        """The text of the first such element; empty where there is none."""
        return next((element.text for element in self.all(tag, class_)), "")

    def _is(self, tag: str, class_: str, attributes: dict[str, str]) -> bool:
        fits = all(self[name] == value for name, value in attributes.items())
        return fits and tag in ("", self.tag) and (not class_ or class_ in self.classes)

    def _below(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._below()

    def _words(self, left_out: Callable[["Element"], bool]) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in NOT_READ and not left_out(child):
                # Elements that stand side by side are read as words of their own; <bdi> runs in a sentence.
                apart = "" if child.tag == "bdi" else " "
                yield apart
                yield from child._words(left_out)
                yield apart


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        # Only what is optional in HTML may be left open.
        while self._open[-1].tag != tag and self._open[-1].tag in ("li", "option", "p", "td", "th", "tr"):
            self._open.pop()
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read(html: str) -> Element:
    """The page's tree; fails where its elements do not close in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader._open) == 1, f"<{reader._open[-1].tag}> is never closed"
    return reader.root


def assert_well_made(html: str, url: str) -> Element:
    """The page's tree, once the rules of every page hold: one heading, nothing inline, nothing foreign, no UID."""
    root, origin = read(html), urlsplit(url)[:2]
    assert html.lower().startswith("<!doctype html>")
    assert root.one("html")["lang"]
    assert "".join(str(words) for words in root.one("title").children).strip(), "the title is empty"
    assert len(root.all("h1")) == 1, f"{len(root.all('h1'))} first headings"
    assert not root.all("style"), "a style element"
    assert not root.all("base"), "a base element"
    for element in root.all():
        inline = [name for name in element.attributes if name.startswith("on") or name in ("style", "srcdoc")]
        assert not inline, f"<{element.tag}> has {inline}"
        if element.tag == "script":
            assert element["src"] and not element.text and not element.children, "a script inside the page"
        for name in ADDRESSES:
            if name in element.attributes:
                assert urlsplit(urljoin(url, element[name]))[:2] == origin, f"{element.tag} {name}={element[name]}"
    assert all(form["action"] for form in root.all("form")), "a form without action"
    ids = [element["id"] for element in root.all() if element["id"]]
    assert len(ids) == len(set(ids)), "an id stands twice"
    # Where somebody copies a number from, and nowhere else.
    beside = re.sub(r"<code data-copied>[^<]*</code>", "", html)
    assert not DICOM_UID.search(beside), f"a DICOM UID: {DICOM_UID.search(beside)}"
    assert not DICOM_UID.search(url), "a DICOM UID in the address"
    # What is inside <bdi> and <title> came from the EHR and may be any words; ours stand outside.
    own_words = " ".join(root.one("body")._words(lambda element: element.tag == "bdi" or "unseen" in element.classes))
    for word in ("None", "null", "undefined", "NaN"):
        assert not re.search(rf"(?<!\w){word}(?!\w)", own_words), f"the page says {word}"
    return root
