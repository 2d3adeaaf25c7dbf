"""Start the hospital, alone (`serve`) or with Sightline as a child process (`run`); leave no orphan."""

import argparse
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from sandbox import sightline_process
from sandbox.certificates import EHR_HOST, SIGHTLINE_HOST, Certificates, ensure
from sandbox.sightline_process import HOST, CannotStart

WHAT_TO_DO = "Choose a patient, then the tab Imaging. Ctrl-C stops both."
WHAT_TO_TRUST = """Browsers warn until they trust {authority}, a throw-away authority of this folder;
or go past the warning twice: at the address above and at {sightline_url}/"""


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
    commands.choices["run"].add_argument(
        "--https", action="store_true", help="both on https, as two sites: localhost and 127.0.0.1"
    )
    return parser


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Both signals end the program in the same way."""
    raise KeyboardInterrupt


def serve(asked: argparse.Namespace) -> int:
    """The hospital alone, until it is stopped."""
    listener = _listener(asked.port, "the hospital", "--port")
    hospital_url = f"http://{HOST}:{asked.port}"
    server = _Hospital(listener, hospital_url, asked.sightline_url, asked.data, None)
    print(f"The hospital is ready: {hospital_url}/", flush=True)
    server.wait()
    return 0


def run(asked: argparse.Namespace) -> int:
    """The hospital and Sightline, until one of them ends or both are stopped."""
    listener = _listener(asked.port, "the hospital", "--port")
    _listener(asked.sightline_port, "Sightline", "--sightline-port").close()
    hospital_url, sightline_url = f"http://{HOST}:{asked.port}", f"http://{HOST}:{asked.sightline_port}"
    certificates = ensure(asked.data / "https") if asked.https else None
    if certificates:
        hospital_url = f"https://{EHR_HOST}:{asked.port}"
        sightline_url = f"https://{SIGHTLINE_HOST}:{asked.sightline_port}"
    sightline = sightline_process.start(hospital_url, sightline_url, asked.data, asked.sightline_port, certificates)
    try:
        _Hospital(listener, hospital_url, sightline_url, asked.data, certificates)
        sightline_process.wait_until_answering(sightline, sightline_url, certificates)
        print(f"Open {hospital_url}/\n{WHAT_TO_DO}", flush=True)
        if certificates:
            print(WHAT_TO_TRUST.format(authority=certificates.authority, sightline_url=sightline_url), flush=True)
        status = sightline.wait()
        raise CannotStart(f"Sightline ended by itself (exit status {status}); see its messages above.")
    finally:
        sightline_process.stop(sightline)


COMMANDS = {"serve": serve, "run": run}


class _Hospital:
    """The hospital's server in a thread of its own, one more thread for each connection."""

    def __init__(
        self,
        listener: socket.socket,
        hospital_url: str,
        sightline_url: str,
        data: Path,
        certificates: Certificates | None,
    ) -> None:
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
        server = make_server(
            HOST,
            port,
            app,
            threaded=True,
            request_handler=Handler,
            fd=listener.fileno(),
            ssl_context=certificates.server_context() if certificates else None,
        )
        if isinstance(server.socket, ssl.SSLSocket):
            # The handshake is made by the connection's own thread: a browser may open a connection and say nothing.
            server.socket.do_handshake_on_connect = False  # type: ignore[attr-defined]
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
