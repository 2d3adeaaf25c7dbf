"""The public halves of Sightline's own keys, for EHRs that hold `private_key_jwt` against them (SMART 2.2)."""

from flask import Blueprint, Response, jsonify

from sightline.web.parts import parts

blueprint = Blueprint("client_keys", __name__)

_FRESH_SECONDS = 3600


@blueprint.get("/.well-known/jwks.json")
def page() -> Response:
    """The JWK Set, empty where no EHR asks for keys. EHRs may keep it for an hour."""
    response = jsonify(parts().servers.client_keys.public_set())
    response.headers["Cache-Control"] = f"public, max-age={_FRESH_SECONDS}"
    return response
