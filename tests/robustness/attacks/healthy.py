"""Healthy clients: one keeps its connection, the other makes a new one for each request."""

import multiprocessing
import os
import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from attacks.requests import GET

BODY = b'{"message":"Hello, World!"}'
PATIENCE = 5.0  # seconds for a response
PRIORITY = 10  # of SCHED_FIFO


@dataclass(frozen=True)
class Plan:
    """What a healthy client does."""

    port: int
    keeps: bool  # its connection
    every: float  # seconds from one request to the next
    seconds: float
    grace: float  # seconds after those, for requests that are late by then
    cpu: int | None


@dataclass
class Figures:
    due: int = 0
    seconds: list[float] = field(default_factory=list)  # sorted; from when a request was due to its response
    lost: Counter[str] = field(default_factory=Counter)  # why requests were not served
    is_preferred: bool = False  # by the scheduler, to all attackers

    @property
    def served(self) -> int:
        return len(self.seconds)

    def milliseconds(self, share: float) -> float:
        if not self.seconds:
            return float("nan")
        return self.seconds[min(self.served - 1, int(share * self.served))] * 1000


class LostError(Exception):
    """A request was not served."""


class Client:
    """Connects again if the server has ended the connection between requests."""

    def __init__(self, port: int, keeps: bool) -> None:
        self._port = port
        self._keeps = keeps
        self._socket: socket.socket | None = None

    def ask(self) -> None:
        try:
            client = self._connected()
            client.sendall(GET)
            head, body = self._response(client)
        except OSError as error:
            self.close()
            raise LostError(type(error).__name__) from None
        if not head.startswith(b"HTTP/1.1 200 "):
            self.close()
            raise LostError(head.partition(b"\r\n")[0].decode("latin-1") or "no response")
        if body != BODY:
            raise LostError(f"a wrong body {body!r}")
        if not self._keeps or b"\r\nconnection: close" in head.lower():
            self.close()

    def _connected(self) -> socket.socket:
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _response(self, client: socket.socket) -> tuple[bytes, bytes]:
        response = b""
        while True:
            head, end, body = response.partition(b"\r\n\r\n")
            if end and len(body) >= len(BODY):
                return head, body
            piece = client.recv(4096)
            if not piece:
                return head, body
            response += piece

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def prefer_this_process() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True


def ask_as_planned(plan: Plan, is_over: Callable[[], bool]) -> Figures:
    """On time, whatever became of the request before: one that is late is sent at once, and its wait counts."""
    figures = Figures(is_preferred=prefer_this_process())
    client = Client(plan.port, plan.keeps)
    start = time.perf_counter()
    while figures.due * plan.every < plan.seconds:
        due = start + figures.due * plan.every
        time.sleep(max(0.0, due - time.perf_counter()))
        figures.due += 1
        if is_over() or time.perf_counter() > start + plan.seconds + plan.grace:
            figures.lost["too late"] += 1
            continue
        try:
            client.ask()
            figures.seconds.append(time.perf_counter() - due)
        except LostError as error:
            figures.lost[str(error)] += 1
    client.close()
    figures.seconds.sort()
    return figures


class HealthyClient:
    """One in a process of its own, that ends early if the server is `gone`."""

    def __init__(self, plan: Plan, gone: Event) -> None:
        self._pipe, theirs = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(target=_run, args=(theirs, gone, plan), daemon=True)
        self._process.start()
        theirs.close()

    def figures(self) -> Figures:
        figures: Figures = self._pipe.recv()
        self._process.join()
        return figures


def _run(pipe: Connection, gone: Event, plan: Plan) -> None:
    if plan.cpu is not None:
        os.sched_setaffinity(0, {plan.cpu})
    pipe.send(ask_as_planned(plan, gone.is_set))
