"""What a run will do, and how long it will take."""

from collections.abc import Sequence
from dataclasses import dataclass

from measuring.load.bounded_run import Availability
from measuring.load.chopin_load import WARM_UP_SECONDS
from measuring.load.other_tools import GENERATORS
from measuring.scenarios.field import Contender, Field
from measuring.scenarios.plan import Entry, Extent, Plan, Scenario, Skip

RUN_OVERHEAD_SECONDS = 0.4  # to start and end server and load generator
CHECK_SECONDS = 2.5  # mostly waiting for the date to move
SECONDS_PER_IDLE_CONNECTION = 0.0003


@dataclass(frozen=True)
class Settings:
    quick: bool
    rounds: int | None  # None: the scenario's default
    seconds: int  # of one run of a load generator
    settle: int  # idle seconds before memory is measured

    def rounds_of(self, scenario: Scenario) -> int:
        return self.rounds or (max(1, scenario.quick_rounds) if self.quick else scenario.rounds)


@dataclass(frozen=True)
class Task:
    """A scenario, and the part of its plan that can be carried out."""

    scenario: Scenario
    plan: Plan
    rounds: int

    @property
    def contenders(self) -> list[Contender]:
        return list({entry.contender: None for entry in self.plan.entries})

    @property
    def steps(self) -> int:
        return len(self.plan.entries) * (1 if self.scenario.is_memory else self.rounds)

    def seconds(self, settings: Settings) -> float:
        if self.scenario.is_memory:
            opened = sum(entry.work.connections for entry in self.plan.entries)
            return self.steps * settings.settle + opened * SECONDS_PER_IDLE_CONNECTION
        warm_ups = sum(entry.work.is_open_loop for entry in self.plan.entries) * self.rounds
        return self.steps * (settings.seconds + RUN_OVERHEAD_SECONDS) + warm_ups * WARM_UP_SECONDS


def draw_up(
    scenarios: Sequence[Scenario], field: Field, extent: Extent, settings: Settings, generators: Sequence[Availability]
) -> list[Task]:
    missing = {generator.name for generator in generators if generator.reason is not None}
    return [_task(scenario, scenario.plan(field, extent), settings, missing) for scenario in scenarios]


def seconds_of(tasks: Sequence[Task], settings: Settings) -> float:
    checks = len({contender.identity for task in tasks for contender in task.contenders})
    return checks * CHECK_SECONDS + sum(task.seconds(settings) for task in tasks)


def _task(scenario: Scenario, plan: Plan, settings: Settings, missing: set[str]) -> Task:
    reasons = {entry: None if scenario.is_memory else _skip(entry, missing) for entry in plan.entries}
    skips = dict.fromkeys(skip for skip in reasons.values() if skip is not None)
    kept = [entry for entry in plan.entries if reasons[entry] is None]
    return Task(scenario, Plan(kept, [*plan.skips, *skips]), settings.rounds_of(scenario))


def _skip(entry: Entry, missing: set[str]) -> Skip | None:
    if entry.generator in missing:
        return Skip(entry.generator, "it is missing")
    reason = GENERATORS[entry.generator].lacks(entry.work)
    return None if reason is None else Skip(entry.label, reason)
