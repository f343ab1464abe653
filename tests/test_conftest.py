"""The rule for skipped tests, tried on a small file of tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = """
import pytest

def test_that_runs(): pass

@pytest.mark.skip(reason="no courage")
def test_that_is_skipped(): pass

@pytest.fixture
def printer(): pytest.skip("no printer")

def test_whose_fixture_skips(printer): pass

@pytest.mark.xfail
def test_that_is_expected_to_fail(): assert False
"""


def outcome_of(folder, tests, ci):
    (folder / "test_some.py").write_text(tests)
    here = Path(__file__).parents[1]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(here)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "-rA",
        "test_some.py",
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_elsewhere_a_skipped_test_is_skipped(tmp_path):
    code, output = outcome_of(tmp_path, TESTS, "")
    assert code == 0
    assert "1 passed, 2 skipped, 1 xfailed" in output


def test_with_ci_a_skipped_test_is_a_failure_that_says_why(tmp_path):
    code, output = outcome_of(tmp_path, TESTS, "true")
    assert code == 1
    assert "1 xfailed" in output
    assert "no courage" in output
    assert "no printer" in output


def test_with_ci_a_file_that_skips_itself_is_a_failure(tmp_path):
    code, output = outcome_of(tmp_path, "import pytest; pytest.importorskip('no_such_package')", "true")
    assert code != 0
    assert "no_such_package" in output
