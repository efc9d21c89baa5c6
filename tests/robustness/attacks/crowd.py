"""Thousands of attacking connections in one loop."""

import heapq
import select
import time
from collections.abc import Callable, Sequence

from attacks.attacker import Attacker
from attacks.habit import Habit, Tally

MOST_CONNECTING = 256  # at once: a listening socket's queue is bounded
LONGEST_WAIT = 0.05  # seconds until the crowd sees that it is to stop
CONNECT_AGAIN = 0.1  # seconds after a refusal


class Crowd:
    def __init__(self, port: int, habits: Sequence[Habit]) -> None:
        self.tally = Tally()
        self._port = port
        self._pieces = {habit: habit.pieces() for habit in habits}
        self._poll = select.epoll()
        self._members: dict[int, Attacker] = {}
        self._ended: list[Attacker] = []  # of those that stay
        self._connecting = 0
        self._number = 0
        self._wanted = [habit for habit in habits for _ in range(habit.connections)]
        self._size = len(self._wanted)
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._gathered = not any(habit.together for habit in habits)

    def attack(self, stopped: Callable[[], bool]) -> Tally:
        """Until `stopped`; then all of them are gone."""
        while not stopped():
            self._connect_some()
            if not self._gathered and not self._wanted and not self._connecting:
                self._act_together()
            for descriptor, events in self._poll.poll(self._seconds_to_wait()):
                if (member := self._members.get(descriptor)) is not None:
                    self._on_event(member, events)
            self._run_timers()
        self.tally.held = sum(member.connected for member in self._members.values())
        for member in (*self._members.values(), *self._ended):
            member.close(reset=False)
        self._poll.close()
        return self.tally

    def _seconds_to_wait(self) -> float:
        until = self._timers[0][0] - time.monotonic() if self._timers else LONGEST_WAIT
        return min(LONGEST_WAIT, max(0.0, until))

    def _at(self, seconds: float, action: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._number, action))

    def _run_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()

    def _connect_some(self) -> None:
        while self._wanted and self._connecting < MOST_CONNECTING:
            self._connecting += 1
            self._number += 1
            habit = self._wanted.pop()
            member = Attacker(habit, self._pieces[habit], self._port, self._number, self.tally)
            self._members[member.descriptor] = member
            self._poll.register(member.descriptor, select.EPOLLOUT)

    def _act_together(self) -> None:
        self._gathered = True
        for member in self._members.values():
            member.say(member.habit.together)
            self._send(member)

    def _on_event(self, member: Attacker, events: int) -> None:
        if not member.connected:
            self._on_connected(member)
            return
        if events & (select.EPOLLERR | select.EPOLLHUP):
            self._on_end(member)
            return
        if events & select.EPOLLIN and member.habit.reads:
            came = member.read(65536)
            if came is None or member.habit.leaves:
                self._on_end(member, by_server=came is None)
                return
        elif events & select.EPOLLRDHUP:
            self._on_end(member)
            return
        if events & select.EPOLLOUT:
            self._send(member)

    def _on_connected(self, member: Attacker) -> None:
        self._connecting -= 1
        if member.failed_to_connect():
            self.tally.refused += 1
            self._forget(member)
            self._at(CONNECT_AGAIN, lambda: self._wanted.append(member.habit))
            return
        member.connected = True
        self.tally.opened += 1
        if member.habit.drip:
            self._at(member.habit.every, lambda: self._drip(member))
        if member.habit.read_piece:
            self._at(member.habit.every, lambda: self._read_a_piece(member))
        self._send(member)

    def _send(self, member: Attacker) -> None:
        if member.has_something_to_send() and not member.send():
            self._on_end(member)
            return
        unsent = member.has_something_to_send()
        if member.habit.resets and not unsent:
            self._on_end(member, by_server=False)
            return
        events = select.EPOLLRDHUP | (select.EPOLLOUT if unsent else 0)
        self._poll.modify(member.descriptor, events | (select.EPOLLIN if member.habit.reads else 0))

    def _drip(self, member: Attacker) -> None:
        if member.ended:
            return
        member.say_next_piece()
        self._at(member.habit.every, lambda: self._drip(member))
        self._send(member)

    def _read_a_piece(self, member: Attacker) -> None:
        if member.ended:
            return
        if member.read(member.habit.read_piece) is None:
            self._on_end(member)
        else:
            self._at(member.habit.every, lambda: self._read_a_piece(member))

    def _on_end(self, member: Attacker, by_server: bool = True) -> None:
        self.tally.ended += by_server
        habit = member.habit
        if by_server and habit.stays:
            member.ended = True
            self._poll.unregister(member.descriptor)
            self._ended.append(self._members.pop(member.descriptor))
            return
        self._forget(member)
        if habit.returns or not by_server:
            if habit.pause:
                self._at(habit.pause, lambda: self._wanted.append(habit))
            else:
                self._wanted.append(habit)

    def _forget(self, member: Attacker) -> None:
        member.ended = True
        self._poll.unregister(member.descriptor)
        del self._members[member.descriptor]
        member.close(reset=member.habit.resets)
