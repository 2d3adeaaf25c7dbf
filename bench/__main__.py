"""Measures what is named on the command line (all, if nothing is) and prints each ratio beside its goal."""

import compileall
import json
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import models
from bench.asking import Connection, Load, under_load
from bench.running import Server, cpu_seconds, flask_app, free_port, naive, peak_megabytes, sightline, upstream
from bench.studies import bundle, study
from sightline.fhir import bundle as bundle_reader, imaging_study
from sightline.study import Study

Line = tuple[str, float, str, float | None]  # what, figure, "<=" or ">=", goal, if there is one
# What P6 sets side by side, and its goals for throughput and CPU. The bare table is what naive was until 29-Nov-2026.
_COMPARED: tuple[tuple[str, str, float | None, float | None], ...] = (
    ("ours", "naive", 5.0, 0.2),
    ("floor", "naive", None, None),
    ("ours", "bare", None, None),
    ("floor", "bare", None, None),
)


def p1() -> Iterator[Line]:
    """List of 20, alone, 50 ms upstream."""
    with upstream(50, 20) as far, tempfile.TemporaryDirectory() as folder, sightline(Path(folder), far.port) as ours:
        server, path, cookie = ours
        list_page = Connection(server.port, path, cookie)
        direct = Connection(far.port, "/ImagingStudy?patient=ada&_count=50")
        ratio = paired(lambda: list_page.ask().last, lambda: direct.ask().last, 120)
    yield "list of 20 alone, 50 ms upstream, against direct", ratio, "<=", 1.06


def p3() -> Iterator[Line]:
    """Reading Bundles."""
    slim = json.dumps(bundle([study(n) for n in range(100)])).encode()
    fat = json.dumps(bundle([study(n, 500) for n in range(20)])).encode()
    for name, body, goal in (("100 slim studies", slim, 20.0), ("20 fat studies", fat, 60.0)):
        read, by_models = (lambda b=body: _read(b)), (lambda b=body: models.read(json.loads(b)))
        ratio = paired(timed(by_models), timed(read), 15)
        yield f"reading {name}, times faster than fhirclient", ratio, ">=", goal
    tracemalloc.start()
    kept = _read(fat)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield (
        f"peak memory while reading {len(kept)} fat studies, against the body",
        (len(fat) + peak) / len(fat),
        "<=",
        1.5,
    )


def p4() -> Iterator[Line]:
    """5,000 studies, 50 ms upstream: one page of 50, then five of 1,000."""
    needed = 1 + 5
    with upstream(50, 5000) as far, tempfile.TemporaryDirectory() as folder, sightline(Path(folder), far.port) as ours:
        server, path, cookie = ours
        direct = Connection(far.port, "/ImagingStudy?patient=ada&_count=50")
        with (
            upstream(50, 20) as small,
            tempfile.TemporaryDirectory() as other,
            sightline(Path(other), small.port) as base,
        ):
            at_base = Connection(base[0].port, base[1], base[2])
            for _ in range(20):
                at_base.ask()
            base_memory = peak_megabytes(base[0])
        list_page = Connection(server.port, path, cookie)
        firsts, lasts = [], []
        for _ in range(15):
            trip = statistics.median(direct.ask().last for _ in range(3))
            page = list_page.ask(b'<tr id="')
            firsts.append(page.first / trip)
            lasts.append(page.last / trip)
        memory = peak_megabytes(server) - base_memory
    yield "5,000 studies: first row, in round trips", statistics.median(firsts), "<=", 1.2
    yield f"5,000 studies: last row, in round trips ({needed} needed)", statistics.median(lasts), "<=", needed + 2.0
    yield "5,000 studies: memory over the list of 20, MB", memory, "<=", 20.0


def p6() -> Iterator[Line]:
    """Against the same page built the obvious way, 50 ms upstream, 64 in flight; and against less than the page."""
    with (
        upstream(50, 20) as far,
        tempfile.TemporaryDirectory() as folder,
        sightline(Path(folder), far.port) as ours,
        naive(far.port) as obvious,
    ):
        asked, ports = {"UPSTREAM": f"http://127.0.0.1:{far.port}"}, (free_port(), free_port())
        with (
            flask_app("bench.bare:application", ports[0], **asked) as bare,
            flask_app("bench.floor:application", ports[1], **asked) as least,
        ):
            servers = {"naive": obvious, "ours": ours, "bare": (bare, "/", ""), "floor": (least, "/", "")}
            for each in servers.values():
                _under_load(*each, seconds=1)
            rounds = [{name: _under_load(*each, seconds=3) for name, each in servers.items()} for _ in range(6)]
    for one, other, rate_goal, cost_goal in _COMPARED:
        rates = statistics.median(each[one].rate / each[other].rate for each in rounds)
        costs = statistics.median(each[one].cost / each[other].cost for each in rounds)
        whose, against = "" if one == "ours" else f"{one}'s ", "naive's" if other == "naive" else "the bare table's"
        yield f"{whose}throughput at 64 in flight, times {against}", rates, ">=", rate_goal
        yield f"{whose}CPU a page, against {against}", costs, "<=", cost_goal


def p8() -> Iterator[Line]:
    """Cold start of create_app against importing what it stands on, both compiled, as after an installation."""
    if not (compileall.compile_dir("sightline", quiet=1) and compileall.compile_file("app.py", quiet=1)):
        raise RuntimeError("not everything could be compiled")
    imports = "import flask, requests; from authlib.integrations.requests_client import OAuth2Session"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_text(Path("config.example.toml").read_text())
        secrets = "{'SIGHTLINE_SECRET_KEY': 'x' * 40, 'SIGHTLINE_EHR_R4_CLIENT_SECRET': 'y'}"
        start = f"import pathlib, app; app.create_app(app.load(pathlib.Path({str(file)!r}), {secrets}))"
        ratio = paired(timed(lambda: _python(start)), timed(lambda: _python(imports)), 12)
    yield "cold start of create_app, against its imports", ratio, "<=", 1.6


def p10() -> Iterator[Line]:
    """Two sources at once, 50 ms upstream each, against the FHIR server alone."""
    with (
        upstream(50, 20) as far,
        upstream(50, 20) as archive,
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as other,
        sightline(Path(folder), far.port, archive.port) as both,
        sightline(Path(other), far.port) as alone,
    ):
        pages = [Connection(server.port, path, cookie) for server, path, cookie in (both, alone)]
        ratio = paired(lambda: pages[0].ask().last, lambda: pages[1].ask().last, 120)
    yield "list of 20 from two sources, against the slower one alone", ratio, "<=", 1.15


GOALS: dict[str, Callable[[], Iterator[Line]]] = {"P1": p1, "P3": p3, "P4": p4, "P6": p6, "P8": p8, "P10": p10}


def paired(one: Callable[[], float], other: Callable[[], float], pairs: int) -> float:
    """The median of one/other over so many pairs taken by turns, after a few that do not count."""
    for _ in range(3):
        one(), other()
    return statistics.median(one() / other() for _ in range(pairs))


def timed(action: Callable[[], object]) -> Callable[[], float]:
    """The action as something that gives its own duration."""

    def duration() -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    return duration


def _read(body: bytes) -> list[Study]:
    page = bundle_reader.page(body)
    return [imaging_study.study(element, "bench", resource_id) for element, resource_id in page.studies]


def _under_load(server: Server, path: str, cookie: str, seconds: float) -> Load:
    """64 requests in flight; the cost is CPU seconds an answer."""
    return under_load(server.port, path, cookie, 64, seconds, lambda: cpu_seconds(server))


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def main() -> int:
    missed = 0
    for name in sys.argv[1:] or GOALS:
        for what, figure, sense, goal in GOALS[name]():
            if goal is None:
                print(f"{name}  {figure:8.2f}  {'for comparison':22}  {what}", flush=True)
                continue
            met = figure <= goal if sense == "<=" else figure >= goal
            missed += not met
            print(f"{name}  {figure:8.2f}  goal {sense} {goal:<5g} {'met   ' if met else 'MISSED'}  {what}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
