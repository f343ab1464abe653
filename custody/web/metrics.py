"""What a monitoring service may count, for Prometheus: the same for everybody who asks, and in all arms.

Counts are the oldest leak there is. Cells have to be thawed, counted and diluted, so in their arm the bench opens more
pages, the processor works longer, more is written to disk. None of that is here, and nothing of the process: each
figure follows from the open log, or from what was answered to blinded people, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from custody.chain.roles import sees_arm
from custody.web.health import open_log
from custody.web.who import door

bp = Blueprint("metrics", __name__)
ALARMING: Final = ("500", "503")
"""Answers that somebody is woken for: an error of ours, and a step that may not be on record."""
disable_created_metrics()  # a series more for each counter, of the process and not of the trial


@bp.get("/metrics")
def metrics() -> Response:
    """Give all figures, in Prometheus' text or, to who asks for it, as OpenMetrics."""
    registry = CollectorRegistry()
    registry.register(_Figures())
    try:
        encoded, content_type = choose_encoder(request.headers.get("Accept", ""))
    except TypeError:  # a version that is no number
        encoded, content_type = choose_encoder("")
    return Response(encoded(registry), content_type=content_type)


class _Figures(Collector):
    """All figures as they are when asked for; those of the log are left out while it is not in order."""

    def collect(self) -> Iterator[Metric]:
        log = open_log()
        yield _gauge(
            "ready",
            "1 when people can sign in and the open log's tail is verified, 0 when not.",
            int(log is not None),
        )
        yield _gauge(
            "clock_seconds",
            "The service's clock, which dates every record: Unix time.",
            door().world.clock.now().timestamp(),
        )
        if log is not None:
            yield _gauge("open_log_entries", "Entries of the open log.", log.tree.size)
            yield _gauge(
                "open_log_latest_seconds",
                "When the open log's last entry was recorded: Unix time.",
                log.latest.timestamp(),
            )
        yield from _answers().collect()


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"custody_{name}", what, value=value)


def answers() -> Counter:
    """Give a counter of answers, by HTTP status: one for each service, from 0 when it is started."""
    made = Counter("custody_answers", "Answers to signed-in blinded people since the start.", ["status"], registry=None)
    for status in ALARMING:
        made.labels(status)  # from 0 to 1 is growth, from nothing to 1 is none
    return made


def _answers() -> Counter:
    return cast("Counter", current_app.extensions["answers"])


def _count(response: Response) -> Response:
    """Count an answer to a blinded person; what the bench is answered counts nowhere."""
    person = g.get("person")
    if person is not None and not sees_arm(person.role):
        _answers().labels(str(response.status_code)).inc()
    return response


def start(app: Flask) -> None:
    """Count what is answered from now on."""
    app.extensions["answers"] = answers()
    app.after_request(_count)
