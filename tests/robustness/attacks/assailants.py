"""The attackers of a row, in a process of their own."""

import multiprocessing
import os
import subprocess
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from types import TracebackType
from typing import Self

from measuring.servers import ServerError

from attacks.crowd import Crowd
from attacks.habit import Habit, Tally
from attacks.rows import Row

TOOL_SECONDS = 20  # until an attacking program has ended, after its time


class Assailants:
    def __init__(self, row: Row, port: int, seconds: float, cpu: int | None) -> None:
        self._stop = multiprocessing.Event()
        self._pipe, theirs = multiprocessing.Pipe(duplex=False)
        arguments = (theirs, self._stop, port, row.habits, cpu)
        self._process = multiprocessing.Process(target=_attack, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self._tool = _started(row.tool(port, seconds), cpu) if row.tool is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._tool is not None:
            self._tool.kill()
            self._tool.wait()

    def stop(self) -> Tally:
        self._stop.set()
        if self._tool is not None:
            try:
                said = self._tool.communicate(timeout=TOOL_SECONDS)[0]
            except subprocess.TimeoutExpired:
                raise ServerError(f"{self._tool.args!r} does not end") from None
            if "Test ended" not in said:
                raise ServerError(f"{self._tool.args!r} failed: {said}")
        try:
            tally: Tally = self._pipe.recv()
        except EOFError:
            raise ServerError("the attackers failed") from None
        self._process.join()
        return tally


def _attack(pipe: Connection, stop: Event, port: int, habits: Sequence[Habit], cpu: int | None) -> None:
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    parent = os.getppid()
    pipe.send(Crowd(port, habits).attack(lambda: stop.is_set() or os.getppid() != parent))


def _started(command: tuple[str, ...], cpu: int | None) -> "subprocess.Popen[str]":
    pinned = command if cpu is None else ("taskset", "--cpu-list", str(cpu), *command)
    try:
        return subprocess.Popen(pinned, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        raise ServerError(f"{command[0]} is not installed: apt-get install {command[0]}") from None
