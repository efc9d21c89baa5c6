"""The attackers of a row, in a process of their own."""

import multiprocessing
import os
import subprocess
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from servers import ServerError

from attacks.crowd import Crowd
from attacks.habit import Habit, Tally
from attacks.rows import Row


class Assailants:
    def __init__(self, row: Row, port: int, seconds: float, share: float, cpu: int | None) -> None:
        self._stop = multiprocessing.Event()
        self._pipe, theirs = multiprocessing.Pipe(duplex=False)
        habits = [habit.scaled(share) for habit in row.habits]
        self._process = multiprocessing.Process(target=_attack, args=(theirs, self._stop, port, habits, cpu))
        self._process.start()
        theirs.close()
        self._tool = _started(row.tool(port, seconds), cpu) if row.tool is not None else None

    def stop(self) -> Tally:
        self._stop.set()
        if self._tool is not None:
            self._tool.terminate()
            said = self._tool.communicate()[0]
            if "error" in said.lower() and "connections" not in said:
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
    pipe.send(Crowd(port, habits).attack(stop.is_set))


def _started(command: tuple[str, ...], cpu: int | None) -> "subprocess.Popen[str]":
    pinned = command if cpu is None else ("taskset", "--cpu-list", str(cpu), *command)
    try:
        return subprocess.Popen(pinned, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        raise ServerError(f"{command[0]} is not installed: apt-get install {command[0]}") from None
