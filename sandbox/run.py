"""Start the hospital, alone (`serve`) or with Sightline as a child process (`run`); leave no orphan."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

HOST = "127.0.0.1"
STOP_SECONDS = 5
START_SECONDS = 30


class CannotStart(Exception):
    """The sentence that a person reads before the exit with 1."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    asked = _parser().parse_args(arguments)
    # SIGINT too: a shell that starts a program in the background lets it ignore Ctrl-C's signal.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return COMMANDS[asked.command](asked)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sandbox", description="A simulated hospital on the loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("serve", "the hospital alone"), ("run", "the hospital and Sightline")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--port", type=int, default=9000, help="the hospital's port (9000)")
        command.add_argument("--data", type=Path, default=Path("var"), help="where pictures and charts are kept (var)")
    commands.choices["serve"].add_argument("--sightline-url", default=f"http://{HOST}:8000")
    commands.choices["run"].add_argument("--sightline-port", type=int, default=8000, help="Sightline's port (8000)")
    return parser


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Both signals end the program in the same way."""
    raise KeyboardInterrupt


def serve(asked: argparse.Namespace) -> int:
    """The hospital alone, until it is stopped."""
    listener = _listener(asked.port, "the hospital", "--port")
    hospital_url = f"http://{HOST}:{asked.port}"
    server = _Hospital(listener, hospital_url, asked.sightline_url, asked.data)
    print(f"The hospital is ready: {hospital_url}/", flush=True)
    server.wait()
    return 0


def run(asked: argparse.Namespace) -> int:
    """The hospital and Sightline, until one of them ends or both are stopped."""
    listener = _listener(asked.port, "the hospital", "--port")
    _listener(asked.sightline_port, "Sightline", "--sightline-port").close()
    hospital_url, sightline_url = f"http://{HOST}:{asked.port}", f"http://{HOST}:{asked.sightline_port}"
    sightline = _start_sightline(hospital_url, sightline_url, asked.data, asked.sightline_port)
    try:
        _Hospital(listener, hospital_url, sightline_url, asked.data)
        _wait_until_answering(sightline, sightline_url)
        print(f"Open {hospital_url}/", flush=True)
        status = sightline.wait()
        raise CannotStart(f"Sightline ended by itself (exit status {status}); see its messages above.")
    finally:
        _stop(sightline)


COMMANDS = {"serve": serve, "run": run}


class _Hospital:
    """The hospital's server in a thread of its own, one more thread for each connection."""

    def __init__(self, listener: socket.socket, hospital_url: str, sightline_url: str, data: Path) -> None:
        from werkzeug.serving import WSGIRequestHandler, make_server

        from sandbox.application import create_app

        class Handler(WSGIRequestHandler):
            """Connections stay open, small answers leave at once, and nothing is written to the terminal."""

            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Requests name patients; they are not logged."""

        app = create_app(hospital_url, sightline_url, data / "sandbox" / "pictures")
        port = listener.getsockname()[1]
        server = make_server(HOST, port, app, threaded=True, request_handler=Handler, fd=listener.fileno())
        self._thread = threading.Thread(target=server.serve_forever, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when the server has ended."""
        self._thread.join()


def _listener(port: int, whose: str, option: str) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        text = f"Port {port} for {whose} cannot be used ({error.strerror}). Stop what uses it, or choose with {option}."
        raise CannotStart(text) from error
    listener.listen(128)
    return listener


def _start_sightline(hospital_url: str, sightline_url: str, data: Path, port: int) -> subprocess.Popen[bytes]:
    from sandbox.sightline_settings import environment, toml

    data.mkdir(parents=True, exist_ok=True)
    settings = data / "sightline.toml"
    settings.write_text(toml(hospital_url, sightline_url, data / "sightline"))
    secrets = {**environment(data), "SIGHTLINE_CONFIG": str(settings.resolve())}
    # A session of its own: Ctrl-C reaches this process only, which then stops Sightline in order.
    return subprocess.Popen(_granian(port), env={**os.environ, **secrets}, start_new_session=True)  # noqa: S603


def _granian(port: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "app:application", "--host", HOST]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", "64", "--backpressure", "2048"]
    return [*command, "--no-ws", "--log-level", "error"]


def _wait_until_answering(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotStart(f"Sightline did not start (exit status {process.returncode}); see its messages above.")
        if _answers(url):
            return
        time.sleep(0.05)
    raise CannotStart(f"Sightline did not answer at {url} within {START_SECONDS} seconds.")


def _answers(url: str) -> bool:
    """Whether anything answers there, with whatever status."""
    try:
        urllib.request.urlopen(url, timeout=2).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group: granian's workers are in it too."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
