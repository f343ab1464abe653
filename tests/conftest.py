"""What holds for all tests.

- With CI=true a skipped test is a failure, so that none is left out unseen.
- Hypothesis times no test: the machine may be busy.
- One process more than there are processors: the browser's tests wait more than they work.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.databases import database, made, migrated, postgresql, server, sqlite

__all__ = ["database", "made", "migrated", "postgresql", "server", "sqlite"]

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_xdist_auto_num_workers():
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _counted((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _counted((yield))


def _counted(report):
    """Make a skip a failure; a test that is expected to fail (xfail) is none."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI=true, and this was left out: {why}"
    return report
