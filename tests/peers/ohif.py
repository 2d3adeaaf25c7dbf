"""The prebuilt OHIF (npm `@ohif/app`), served from one origin with the DICOMweb of Orthanc behind it."""

import mimetypes
import subprocess
from pathlib import Path

import pytest
import requests
from flask import Flask, Response, redirect, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as AnyResponse

from tests.conftest import ROOT
from tests.peers.orthanc import Orthanc

CONFIG = """
window.config = {
  routerBasename: "/",
  extensions: [],
  modes: [],
  showStudyList: false,
  investigationalUseDialog: { option: "never" },
  customizationService: [{ "ohif.tours": { $set: [] } }],
  defaultDataSourceName: "hospital",
  dataSources: [{
    namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
    sourceName: "hospital",
    configuration: {
      friendlyName: "Orthanc",
      name: "hospital",
      qidoRoot: "/dicom-web",
      wadoRoot: "/dicom-web",
      qidoSupportsIncludeField: false,
      imageRendering: "wadors",
      thumbnailRendering: "wadors",
      enableStudyLazyLoad: true,
      supportsFuzzyMatching: false,
      supportsWildcard: false,
      omitQuotationForMultipartRequest: true,
      bulkDataURI: { enabled: true },
    },
  }],
};
"""
# What one hop says to the next (RFC 9110, 7.6.1), and what `requests` has undone already.
NOT_PASSED_ON = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}


def built() -> Path:
    """The folder of OHIF's files; skips the test, with the reason, where it cannot be had."""
    found = subprocess.run([ROOT / "scripts" / "find-ohif"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"NOT TESTED WITH OHIF: {found.stderr.strip()}")
    return Path(found.stdout.strip())


def create_app(files: Path, orthanc: Orthanc) -> Flask:
    """The viewers' server. Orthanc has no CORS, so OHIF reaches it on its own origin."""
    app = Flask("ohif", static_folder=None)

    @app.get("/app-config.js")
    def config() -> Response:
        return Response(CONFIG, mimetype="text/javascript")

    @app.get("/dicom-web/<path:rest>")
    def dicomweb(rest: str) -> Response:
        query = request.query_string.decode()
        wanted = {"Accept": request.headers.get("Accept", "*/*")}
        answer = requests.get(f"{orthanc.dicomweb}/{rest}?{query}", headers=wanted, timeout=60)
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in NOT_PASSED_ON]
        return Response(answer.content, answer.status_code, kept)

    @app.get("/orthanc")
    def orthancs_own_viewer() -> AnyResponse:
        """The landing page that a hospital puts before a viewer that does not know Study Instance UIDs."""
        return redirect(orthanc.viewer_of(request.args["study"]))

    @app.get("/", defaults={"name": "index.html"})
    @app.get("/<path:name>")
    def file(name: str) -> Response:
        """OHIF's own files; every other address is one of its routes."""
        found = Path(safe_join(str(files), name) or files)
        found = found if found.is_file() else files / "index.html"
        return Response(found.read_bytes(), mimetype=mimetypes.guess_type(found.name)[0])

    return app
