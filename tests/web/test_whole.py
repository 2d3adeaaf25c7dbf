"""A page that is whole is given to the server at once; one that is still being read goes on piece by piece."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response
from werkzeug.test import EnvironBuilder

from sightline.web import whole


@pytest.fixture
def closed() -> list[str]:
    """The pages that were closed, in order."""
    return []


@pytest.fixture
def app(closed: list[str]) -> Flask:
    """A house with a page that is whole and one that is written while it is read."""
    app = Flask("a house of its own")
    whole.register(app)

    def pieces() -> Iterator[str]:
        yield "one, "
        yield "two"

    @app.get("/<name>")
    def page(name: str) -> Response:
        response = app.response_class(pieces() if name == "written" else "all of it")
        response.call_on_close(lambda: closed.append(f"/{name}"))
        return response

    return app


def given_to_the_server(app: Flask, address: str, method: str = "GET") -> object:
    return app.wsgi_app(EnvironBuilder(address, method=method).get_environ(), lambda *_: lambda _: None)


def test_page_that_is_whole_is_given_as_a_list_and_closed(app: Flask, closed: list[str]) -> None:
    assert given_to_the_server(app, "/whole") == [b"all of it"]
    assert closed == ["/whole"]


def test_page_that_is_written_while_it_is_read_is_closed_at_its_end(app: Flask, closed: list[str]) -> None:
    answer = given_to_the_server(app, "/written")
    assert not isinstance(answer, list)
    assert closed == []

    assert b"".join(answer) == b"one, two"  # type: ignore[arg-type]
    answer.close()  # type: ignore[attr-defined]
    assert closed == ["/written"]


def test_question_for_the_head_alone_gets_no_body(app: Flask, closed: list[str]) -> None:
    assert given_to_the_server(app, "/whole", "HEAD") == []
    assert closed == ["/whole"]
