"""What the benchmarks have in common: builds, starts and stops the programs, reads /proc, prints tables.

Standard library only; processes come from `e2e/stack.py`. Everything listens on the loopback address.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import pathlib
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "e2e"))

import stack  # noqa: E402

TOKEN = "bench-token-of-no-value"
# A refresh of everything now and then, however long a benchmark takes.
BUDGET = "1000000"
SYSTEM_ROOTS = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def arguments(about: str) -> argparse.ArgumentParser:
    """A parser with what all benchmarks take."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--bin", type=pathlib.Path, help="folder with the programs (default: build them)")
    return parser


def programs(options: argparse.Namespace) -> pathlib.Path:
    """The folder with the release programs, built if none was named."""
    if options.bin:
        return options.bin.resolve()
    command = ["cargo", "build", "--release", "--locked", "-p", "app", "-p", "watcher", "-p", "fake-github", "-p", "bench"]
    subprocess.run(command, check=True, cwd=ROOT)
    told = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"],
        check=True, cwd=ROOT, capture_output=True, text=True,
    )
    return pathlib.Path(json.loads(told.stdout)["target_directory"]) / "release"


@contextlib.contextmanager
def folder() -> Iterator[pathlib.Path]:
    """A folder for logs, state and configuration of one benchmark."""
    stack.stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="sidewatch-bench-") as path:
        yield pathlib.Path(path)


def pinned(command: list[str], core: int | None) -> list[str]:
    return command if core is None else ["taskset", "--cpu-list", str(core), *command]


class Fake:
    """A running stand-in for GitHub."""

    def __init__(self, pid: int, urls: dict[str, str], authority: pathlib.Path | None):
        self.pid = pid
        self.api, self.web, self.registry = urls["api"], urls["web"], urls["registry"]
        self.authority = authority
        # Kept open: the benchmark's own questions must be cheap. The certificate is of no interest here.
        host = urllib.parse.urlsplit(self.api).netloc
        trusting = ssl._create_unverified_context()
        https = self.api.startswith("https:")
        plain, secure = http.client.HTTPConnection, http.client.HTTPSConnection
        self._line = secure(host, timeout=10, context=trusting) if https else plain(host, timeout=10)

    def admin(self, path: str, method: str = "POST") -> dict:
        self._line.request(method, f"/__admin/{path}")
        answer = self._line.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"/__admin/{path}: {answer.status} {text!r}")
        return json.loads(text)

    def calls(self) -> dict[str, dict[str, int]]:
        """Requests and connections by door, the benchmark's own requests not counted."""
        return self.admin("calls", "GET")

    def remaining(self) -> int:
        """What is left of the token's hourly quota; asking is free."""
        self._line.request("GET", "/rate_limit", headers={"authorization": f"Bearer {TOKEN}", "user-agent": "bench"})
        return json.loads(self._line.getresponse().read())["resources"]["core"]["remaining"]

    def wait_for_calls(self, calls: int, seconds: float) -> None:
        """Waits until the API was asked so often."""
        deadline = time.monotonic() + seconds
        while self.calls()["api"]["calls"] < calls:
            if time.monotonic() > deadline:
                raise SystemExit(f"waited {seconds} s in vain for {calls} requests: {self.calls()}")
            time.sleep(0.002)


@contextlib.contextmanager
def fake(
    binaries: pathlib.Path, place: pathlib.Path, *options: str, tls: bool = False, core: int | None = None
) -> Iterator[Fake]:
    authority = place / "ca.pem" if tls else None
    command = [str(binaries / "fake-github"), "--admin", "--token", TOKEN, *options]
    command += ["--tls", "--ca-out", str(authority)] if tls else []
    with stack.process(pinned(command, core), place / "fake-github") as child:
        urls = stack.first_json_line(child, place / "fake-github.out")
        if authority and SYSTEM_ROOTS.exists():
            # A watcher of the real GitHub reads all of these too.
            authority.write_bytes(authority.read_bytes() + SYSTEM_ROOTS.read_bytes())
        yield Fake(child.pid, urls, authority)


def environment(github: Fake | None, place: pathlib.Path, targets: int, **settings: str) -> dict[str, str]:
    """The watcher's variables, with a file that names so many targets."""
    path = place / f"targets-{targets}.toml"
    table = '[[target]]\nrepo = "octo/app-{0}"\ncurrent = "1.3.0"\n'
    path.write_text("".join(table.format(target) for target in range(targets)), encoding="utf-8")
    own = {
        "SIDEWATCH_CONFIG": str(path),
        "SIDEWATCH_HOURLY_BUDGET": BUDGET,
        "SIDEWATCH_LOG": "warn",
        # Nobody listens there.
        "SIDEWATCH_GITHUB_API_URL": github.api if github else "http://127.0.0.1:9",
        "SIDEWATCH_GITHUB_WEB_URL": github.web if github else "http://127.0.0.1:9",
    }
    if github and github.authority:
        own["SSL_CERT_FILE"] = str(github.authority)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SIDEWATCH_")}
    return inherited | own | {f"SIDEWATCH_{name}": value for name, value in settings.items()}


class Watcher:
    """A running watcher."""

    def __init__(self, pid: int, address: str, started: float):
        self.pid, self.address, self.started = pid, address, started
        self.url = f"http://{address}"

    def states(self) -> list[dict]:
        return json.loads(stack.get(f"{self.url}/api/targets")[1])["targets"]

    def wait_until_known(self, seconds: float = 30) -> None:
        """Waits until every target has an answer and its advisories are known."""

        def known() -> bool:
            return all(state["security"]["affected"] is not None for state in self.states())

        stack.wait_for("an answer for every target", known, seconds)

    def metric(self, line: str) -> float:
        """The value of the one series that begins like that; 0 while there is none."""
        text = stack.get(f"{self.url}/metrics")[1].decode()
        values = [float(found.rsplit(" ", 1)[1]) for found in text.splitlines() if found.startswith(line)]
        return sum(values)


@contextlib.contextmanager
def watcher(
    binaries: pathlib.Path, place: pathlib.Path, variables: dict[str, str], core: int | None = None
) -> Iterator[Watcher]:
    """A watcher that has answered `/livez`."""
    address = f"127.0.0.1:{stack.free_port()}"
    command = pinned([str(binaries / "sidewatch"), "serve", "--listen", address], core)
    begun = time.monotonic()
    with stack.process(command, place / "sidewatch", variables) as child:
        first_answer(address, "/livez", begun + stack.START_SECONDS)
        yield Watcher(child.pid, address, begun)


def first_answer(address: str, path: str, deadline: float) -> None:
    """Returns at the first 200, looking every fifth of a millisecond."""
    host, port = address.split(":")
    request = f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode()
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionError), socket.create_connection((host, int(port)), 5) as stream:
            stream.sendall(request)
            if stream.recv(12) == b"HTTP/1.1 200":
                return
        time.sleep(0.0002)
    raise SystemExit(f"no 200 from {address}{path}")


def resident(pid: int, field: str = "VmRSS") -> float:
    """Resident memory now (VmRSS) or at its peak (VmHWM), in MiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"process {pid} has no {field}")


def cpu(pid: int) -> float:
    """CPU time of a process so far, threads that have ended included, in milliseconds."""
    # The kernel's clock of another process: clock_getcpuclockid(3), which Python has no name for.
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median, and what it lies between."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a Markdown table, as it stands in the README."""
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        table_row(row)


def table_row(row: Sequence[object]) -> None:
    print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def met(holds: bool) -> str:
    return "yes" if holds else "NO"


async def ask(address: str, path: str, patience: float) -> tuple[int, bytes]:
    """One request on a connection of its own: status and body."""
    host, port = address.split(":")
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            return int(head.split()[1]), body
        finally:
            writer.close()
