"""What an EHR granted: whether its studies may be listed, and whether all of them."""

import pytest
from msgspec.structs import replace

from sightline.auth.grant import Grant
from sightline.auth.id_token import User

GRANT = Grant("t0ken", 4000.0, 3940.0, (), "ada", User("https://login.example", "dr-7"))


@pytest.mark.parametrize(
    ("scope", "may_list", "covers_all"),
    [
        ("", False, False),
        ("patient/ImagingStudy.rs", True, True),
        ("patient/ImagingStudy.rs?modality=CT", True, False),
        ("launch openid", False, False),
    ],
)
def test_grant_is_taken_at_its_word(scope: str, may_list: bool, covers_all: bool) -> None:
    grant = replace(GRANT, scopes=tuple(scope.split()))

    assert (grant.may_search("ImagingStudy"), grant.may_search("ImagingStudy", whole=True)) == (may_list, covers_all)


@pytest.mark.parametrize(
    ("scope", "reads_endpoints"),
    [
        ("patient/ImagingStudy.rs", False),
        ("patient/Endpoint.read", True),
        ("patient/*.read", True),
        ("patient/Endpoint.s", False),
    ],
)
def test_addresses_of_images_are_read_only_where_that_was_granted(scope: str, reads_endpoints: bool) -> None:
    assert replace(GRANT, scopes=tuple(scope.split())).reads_endpoints is reads_endpoints


def test_token_goes_into_the_header_as_a_bearer_token() -> None:
    assert GRANT.header == "Bearer t0ken"
