"""Pages of other sites on https: another EHR, a stranger, and a site whose only purpose is to set cookies in a frame.

One server for every name below `localhost`, which browsers find on the loopback and take for a site each.
"""

from flask import Flask, make_response, redirect, render_template_string, request
from werkzeug.wrappers import Response

COOKIES = {"plain": False, "partitioned": True}
FRAMES = """<!doctype html>
<title>Another site</title>
{% for src in sources %}
<iframe src="{{ src }}" width="900" height="600" allow="fullscreen"
  {%- if sandbox is not none %} sandbox="{{ sandbox }}"{% endif %}></iframe>
{% endfor %}"""


def create_app() -> Flask:
    """The server. Each address is told by its query what to be."""
    app = Flask("other_sites")

    @app.get("/frames")
    def frames() -> str:
        """A page that frames each `src`, with the attribute `sandbox` if there is one."""
        return render_template_string(FRAMES, sources=request.args.getlist("src"), sandbox=request.args.get("sandbox"))

    @app.get("/set-cookies")
    def set_cookies() -> Response:
        """Sets a cookie as sites did it for years, and one that is partitioned; then looks which came back."""
        response = make_response(redirect("/cookies", 303))
        for name, partitioned in COOKIES.items():
            response.set_cookie(name, "1", secure=True, httponly=True, samesite="None", partitioned=partitioned)
        return response

    @app.get("/cookies")
    def cookies() -> str:
        """The names of the cookies that came along."""
        return f"<p>{' '.join(sorted(request.cookies))}</p>"

    return app
