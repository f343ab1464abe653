"""One bag of each arm the whole way by a scanner that types and by keys alone: nobody needs a mouse or a finger."""

import os

import pytest

from .conftest import CHROMIUM, FLAGS
from .hands import ScannerAndKeys
from .ward import ward
from .way import Way, walk


@pytest.fixture
def american(playwright):
    """A browser that asks for a date in the order in which these hands type it."""
    launched = playwright.chromium.launch(
        executable_path=CHROMIUM, args=FLAGS, env={**os.environ, "LANGUAGE": "en_US", "LANG": "en_US.UTF-8"}
    )
    yield launched
    launched.close()


def test_one_bag_of_each_arm_goes_the_whole_way_by_scanner_and_keyboard_alone(american, tmp_path):
    with ward(tmp_path, american, ScannerAndKeys()) as here:
        walk(Way(here))
