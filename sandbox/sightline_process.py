"""Sightline as a child process: started with the hospital's settings file, waited for, and never left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from sandbox.certificates import Certificates

HOST = "127.0.0.1"
STOP_SECONDS = 5
START_SECONDS = 30
# Linux, prctl(2): the signal that the kernel sends to a child when its parent is gone.
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The sentence that a person reads before the exit with 1."""


def start(
    hospital_url: str, sightline_url: str, data: Path, port: int, certificates: Certificates | None
) -> "subprocess.Popen[bytes]":
    """Write the settings file into `data` and start Sightline with it; what it prints goes to this terminal.

    With `certificates` it serves https, and trusts the hospital's certificate.
    """
    from sandbox.sightline_settings import audit_delivery, environment, toml

    data.mkdir(parents=True, exist_ok=True)
    settings = data / "sightline.toml"
    settings.write_text(toml(hospital_url, sightline_url, data / "sightline") + audit_delivery(hospital_url))
    command = [sys.executable, "-m", "sightline", "--config", str(settings.resolve())]
    command += ["--host", HOST, "--port", str(port), "--workers", "1"]
    added = environment(data)
    if certificates:
        command += ["--certificate", str(certificates.certificate), "--key", str(certificates.key)]
        added["SSL_CERT_FILE"] = str(certificates.authority.resolve())
    # A session of its own: Ctrl-C reaches this process only, which then stops Sightline in order.
    return subprocess.Popen(  # noqa: S603
        command, env={**os.environ, **added}, start_new_session=True, preexec_fn=_end_with_parent
    )


def wait_until_answering(process: "subprocess.Popen[bytes]", url: str, certificates: Certificates | None) -> None:
    """Return once Sightline answers at `url`. Raises CannotStart when it has ended or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotStart(f"Sightline did not start (exit status {process.returncode}); see its messages above.")
        if _answers(url, certificates):
            return
        time.sleep(0.05)
    raise CannotStart(f"Sightline did not answer at {url} within {START_SECONDS} seconds.")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End the process group: the server's workers are in it too."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end_with_parent() -> None:
    """Runs in the child before it becomes Sightline. No other kernel can do this; there an orphan stays."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(url: str, certificates: Certificates | None) -> bool:
    """Whether anything answers there, with whatever status."""
    context = certificates.client_context() if certificates else None
    try:
        urllib.request.urlopen(url, timeout=2, context=context).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
