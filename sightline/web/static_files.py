"""Static files whose address changes with their content, so that browsers may keep them for ever."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, url_for


def register(app: Flask) -> None:
    """Gives templates `asset(filename)`: the address of a static file, its digest in it."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    folder = Path(app.static_folder or "")

    @cache
    def asset(filename: str) -> str:
        digest = hashlib.sha256((folder / filename).read_bytes()).hexdigest()[:12]
        return url_for("static", filename=filename, v=digest)

    app.add_template_global(asset, "asset")
