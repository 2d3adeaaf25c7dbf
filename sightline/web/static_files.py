"""Static files whose address changes with their content, so that browsers may keep them for ever."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app


def register(app: Flask) -> None:
    """Adds each file's digest to its address in every template."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    app.url_defaults(_with_digest)


def _with_digest(endpoint: str, values: dict[str, str]) -> None:
    if endpoint == "static" and current_app.static_folder:
        values["v"] = _digest(str(Path(current_app.static_folder) / values["filename"]))


@lru_cache(64)
def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
