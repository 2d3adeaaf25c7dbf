"""What a page places is escaped as Jinja itself would, whatever it is and wherever it comes from."""

from pathlib import Path

import pytest
from flask import Flask
from hypothesis import example, given, strategies as st
from markupsafe import Markup

from sightline.web import escaping

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted(str(file.relative_to(ROOT / "templates")) for file in (ROOT / "templates").rglob("*.html"))

# A value placed directly, in an attribute, through a macro, a block that is set, a filter, a loop and an inclusion.
WAYS = """{% macro placed(value) %}<i title="{{ value }}">{{ value }}</i>{% endmacro %}
{% set kept %}<b>{{ value }}</b>{% endset %}
{{ value }}|{{ placed(value) }}|{{ kept }}|{{ [value, value]|join(" <") }}|{{ value ~ "<" }}|{{ nobody }}|{{ 1 / 8 }}
{% for each in [value] %}{{ each }}{% endfor %}|{% autoescape false %}{{ value }}{% endautoescape %}"""


def application() -> Flask:
    return Flask("escaping", root_path=str(ROOT))


@given(st.one_of(st.text(), st.text("&<>\"'x").map(Markup), st.integers(), st.none(), st.lists(st.text("<&'\""))))
@example("<script>alert(1)</script>")
@example("\"'&")
def test_every_value_is_placed_as_jinja_itself_would(value: object) -> None:
    usual, ours = application(), application()
    escaping.register(ours)
    usual_page, our_page = (app.jinja_env.from_string(WAYS) for app in (usual, ours))

    assert our_page.render(value=value) == usual_page.render(value=value)
    assert "".join(our_page.stream(value=value)) == usual_page.render(value=value)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_page_escapes_the_expensive_way(name: str) -> None:
    app = application()
    escaping.register(app)
    for filters in ("identity", "moment", "date"):
        app.add_template_filter(str, filters)
    environment = app.jinja_env
    assert environment.loader
    source, _, _ = environment.loader.get_source(environment, name)

    code = str(environment.compile(source, name, raw=True))

    assert "escape(" not in code
    assert "str(" not in code


@pytest.mark.parametrize("hostile", ["<script>", '" onload="x', "' x='", "&amp;"])
def test_hostile_text_leaves_no_sign_of_html(hostile: str) -> None:
    assert not set("<>\"'") & set(escaping.placed(hostile))
    assert escaping.placed(hostile).count("&") == sum(hostile.count(sign) for sign in "<>\"'&")
