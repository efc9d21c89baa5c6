"""Made-up results for the tests."""

from measuring.counting.memory import Held
from measuring.load.bounded_run import Load
from measuring.load.sample import Sample
from measuring.report.results import Results, Row, ScenarioResult

FACTS = {
    "date": "2026-01-02T03:04:05+00:00",
    "source": "abc, clean",
    "chopin": {"commit": "abc", "compiler": "GNU 12.2.0"},
    "doctor": {"reason": "no doctor"},
    "instructions": None,
    "kernel": "6.1",
    "cpu": "a CPU",
    "cpus": "2 on 2 cores",
    "pins": "server on CPU 0",
    "governor": "performance",
    "load average": "0.01",
    "mitigations": {"meltdown": "Not affected"},
    "settings": {"quick": False, "seconds": 1},
    "generators": {"wrk": "4.1.0"},
    "peers": {"nginx": "1.22"},
}


def sample(
    server: str,
    requests: int = 1000,
    user: float = 0.2,
    errors: tuple[str, ...] = (),
    latencies: dict[str, float] | None = None,
    lags: dict[str, float] | None = None,
) -> Sample:
    load = Load(requests, 1.0, 1.0, 0.5, errors, latencies or {}, lags or {})
    return Sample(server, load, user, 0.3, 0.1)


def row(server: str, *samples: Sample, label: str = "unpipelined", **more: object) -> Row:
    usual = {
        "path": "/plaintext",
        "at": None,
        "curve": "",
        "share": None,
        "answer_bytes": 131,
        "answer_head": "HTTP/1.1 200 OK\r\n\r\n",
    }
    return Row(
        label=label,
        server=server,
        generator="wrk",
        answer_class="composed",
        request="plain",
        connections=64,
        depth=1,
        samples=list(samples),
        **{**usual, **more},  # type: ignore[arg-type]
    )


def scenario(*rows: Row, memory: tuple[Held, ...] = (), axis: str | None = None) -> ScenarioResult:
    return ScenarioResult(
        "plaintext", "GET /plaintext", "What?", "floor", axis, 2, rows=list(rows), memory=list(memory)
    )


def results(*scenarios: ScenarioResult) -> Results:
    return Results(dict(FACTS), list(scenarios))
