"""A real Firefox, driven through Marionette, the remote control that is built into every one of them.

The protocol is one JSON array a message, its length before it. The libraries that speak it need a driver program that
Debian does not have, or a part of Python that is gone since 3.13.
"""

import itertools
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.certificates import Certificates
from tests.conftest import free_ports

NAMES = ("firefox-esr", "firefox")
PATH = os.environ.get("FIREFOX_PATH") or next(filter(None, map(shutil.which, NAMES)), "")
PATIENCE_SECONDS = 30
# What it asks its makers for goes to a port where nobody listens; names of the loopback need no proxy.
AT_HOME = {"type": 1, "http": "127.0.0.1", "http_port": 9, "ssl": "127.0.0.1", "ssl_port": 9}
TRUST = """
  Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(arguments[0], "CT,,");
"""


class Firefox:
    """One browser with one window. Selectors are CSS; what is looked for is waited for."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket, self._stream, self._ids = connected, connected.makefile("rb"), itertools.count(1)
        self._answer()  # the greeting
        self._asks("WebDriver:NewSession")
        self._asks("WebDriver:SetTimeouts", implicit=PATIENCE_SECONDS * 500)

    def trusts(self, certificates: Certificates) -> None:
        """Takes the authority into its store, so that no error of a certificate has to be passed over."""
        lines = certificates.authority.read_text().splitlines()
        self._asks("Marionette:SetContext", value="chrome")
        self.script(TRUST, "".join(line for line in lines if "-----" not in line))
        self._asks("Marionette:SetContext", value="content")

    def goes_to(self, address: str) -> None:
        self._asks("WebDriver:SwitchToFrame", id=None)
        self._asks("WebDriver:Navigate", url=address)

    def reloads(self) -> None:
        self._asks("WebDriver:SwitchToFrame", id=None)
        self._asks("WebDriver:Refresh")

    def looks_into(self, *frames: str) -> None:
        """Into the frame of the first selector, and from there into that of the next."""
        self._asks("WebDriver:SwitchToFrame", id=None)
        for selector in frames:
            self._asks("WebDriver:SwitchToFrame", element=self._element("css selector", selector))

    def looks_into_the_new_window(self) -> None:
        own = self._asks("WebDriver:GetWindowHandle")["value"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(handles := self._asks("WebDriver:GetWindowHandles")) < 2:
            assert time.monotonic() < deadline, "no new window"
            time.sleep(0.1)
        self._asks("WebDriver:SwitchToWindow", handle=next(handle for handle in handles if handle != own))

    def text(self, selector: str) -> str:
        element = self._element("css selector", selector)
        return str(self._asks("WebDriver:GetElementText", id=element)["value"])

    def clicks(self, xpath: str) -> None:
        self._asks("WebDriver:ElementClick", id=self._element("xpath", xpath))

    def script(self, code: str, *arguments: str) -> Any:
        return self._asks("WebDriver:ExecuteScript", script=code, args=list(arguments))["value"]

    def quits(self) -> None:
        self._asks("Marionette:Quit", flags=["eForceQuit"])
        self._stream.close()
        self._socket.close()

    def _element(self, using: str, value: str) -> str:
        found: dict[str, str] = self._asks("WebDriver:FindElement", using=using, value=value)["value"]
        return next(iter(found.values()))

    def _asks(self, command: str, **parameters: Any) -> Any:
        message = json.dumps([0, next(self._ids), command, parameters])
        self._socket.sendall(f"{len(message)}:{message}".encode())
        _, _, error, result = self._answer()
        assert error is None, f"{command}: {error}"
        return result

    def _answer(self) -> Any:
        length = b"".join(iter(lambda: self._stream.read(1), b":"))
        return json.loads(self._stream.read(int(length)))


@contextmanager
def started(folder: Path, cookie_behavior: int) -> Iterator[Firefox]:
    """A running Firefox with this `network.cookie.cookieBehavior`; its profile is made in `folder`."""
    (port,) = free_ports(1)
    preferences = {
        "marionette.port": port,
        "network.cookie.cookieBehavior": cookie_behavior,
        **{f"network.proxy.{name}": value for name, value in AT_HOME.items()},
    }
    lines = (f'user_pref("{name}", {json.dumps(value)});\n' for name, value in preferences.items())
    (folder / "user.js").write_text("".join(lines))
    command = [PATH, "--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
    command += ["--profile", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            firefox = Firefox(_connected(port))
            yield firefox
            firefox.quits()
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()


def _connected(port: int) -> socket.socket:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=2 * PATIENCE_SECONDS)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "Firefox does not answer"
            time.sleep(0.1)
