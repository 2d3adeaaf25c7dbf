"""Static files: kept by browsers for ever, because another content has another address."""

from urllib.parse import urljoin

from tests.ehr_user import EhrUser, Page


def static_addresses(page: Page) -> list[str]:
    found = [
        element["href"] or element["src"]
        for element in page.root.one("head").all()
        if element.tag in ("link", "script")
    ]
    return [urljoin(page.url, address) for address in found]


def test_each_static_file_has_its_contents_digest_in_its_address(user: EhrUser) -> None:
    addresses = static_addresses(user.visits("/"))
    assert len(addresses) == 3
    for address in addresses:
        path, _, digest = address.partition("?v=")
        assert "/static/" in path
        assert len(digest) == 12


def test_static_files_are_served_with_their_types_and_kept_for_a_year(user: EhrUser) -> None:
    types = set()
    for address in static_addresses(user.opens_chart("ada")):
        answer = user.asks(address)
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
        types.add(answer.headers["Content-Type"].split(";")[0])
    assert types == {"text/css", "text/javascript", "image/svg+xml"}


def test_no_other_file_of_the_house_is_served(user: EhrUser) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/app.py", "/static/"):
        assert user.asks(path).status_code == 404


def test_styles_and_script_name_no_other_host(user: EhrUser) -> None:
    for address in static_addresses(user.visits("/")):
        text = user.asks(address).text.replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text
        assert "@import" not in text
