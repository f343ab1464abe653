"""A confirmed scan over HTTP: rate, p50 and p99 with 1, 8 and 32 clients, against the bare route under the same server.

Server and clients are processes of their own; what is sent is what the page's form sends.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from waitress import create_server

from tests.benchmarks import bare
from tests.benchmarks.ground import ground, said

SECONDS = 3.0
CLIENTS = (1, 8, 32)
THREADS = 32
SIGNS = {
    "due_min": "",
    "reaction": "none",
    "heart_rate_bpm": "110",
    "mean_pressure_mmhg": "68",
    "spo2_percent": "96",
    "temperature_dc": "38.2",
}


def serve(which: str) -> None:
    """Serve until killed; say on the first line where, and what to send there."""
    if which == "bare":
        with tempfile.TemporaryDirectory() as folder:
            _serve(bare.create_app(Path(folder)), "/scan", "", {"treatment_bag": "T"})
        return
    with ground() as place:
        nurse = place.house.browser("nurse")
        path = f"/s/{place.bag}/do/observe"
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', nurse.get(path).text))
        cookie = nurse.client.get_cookie("custody")
        assert cookie is not None
        _serve(place.house.app, path, f"custody={cookie.value}", hidden)


def _serve(app: object, path: str, cookie: str, fields: dict[str, str]) -> None:
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS, connection_limit=200)
    print(server.effective_port, path, cookie or "-", urlencode(fields), flush=True)
    server.run()


@contextmanager
def served(which: str) -> Iterator[tuple[int, str, str, str]]:
    """Start a server in a process of its own; give port, path, cookie and fixed fields."""
    command = [sys.executable, "-m", "tests.benchmarks.http", "serve", which]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ)
    assert process.stdout is not None
    port, path, cookie, fields = process.stdout.readline().split()
    try:
        yield int(port), path, "" if cookie == "-" else cookie, fields
    finally:
        process.kill()
        process.wait()


def client(at: tuple[int, str, str, str]) -> Callable[[], float]:
    """Open one connection; give what sends one scan over it and says how many milliseconds that took."""
    port, path, cookie, fixed = at
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send() -> float:
        body = f"{fixed}&{urlencode({**SIGNS, 'event': str(uuid4())})}".encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        start = time.perf_counter()
        connection.sendall(head.encode() + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        head_end, _, rest = answer.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head_end)[1])  # type: ignore[index]
        while len(rest) < length:
            rest += connection.recv(65536)
        if not answer.startswith(b"HTTP/1.1 303"):
            raise AssertionError(answer[:300])
        return (time.perf_counter() - start) * 1000

    return send


def load(at: tuple[int, str, str, str], clients: int) -> tuple[float, float, float]:
    """Give scans a second, p50 and p99 in milliseconds."""
    taken: list[list[float]] = [[] for _ in range(clients)]
    end = time.perf_counter() + SECONDS

    def run(number: int) -> None:
        send = client(at)
        while time.perf_counter() < end:
            taken[number].append(send())

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = sorted(one for mine in taken for one in mine)
    return len(every) / SECONDS, every[len(every) // 2], every[len(every) * 99 // 100]


def run() -> None:
    """Measure both servers in turn for each number of clients."""
    with served("bare") as limit_at, served("ours") as our_at:
        for clients in CLIENTS:
            load(our_at, clients)
            limit, figure = load(limit_at, clients), load(our_at, clients)
            said(f"confirmed scan over HTTP, {clients} clients", figure[0], limit[0], "scans/s", "0.50")
            said(f"  p50, {clients} clients", figure[1], limit[1], "ms", "-")
            said(f"  p99, {clients} clients", figure[2], limit[2], "ms", "3.00")


if __name__ == "__main__":
    serve(sys.argv[2])
