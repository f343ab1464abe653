"""One bag of each arm from the freezer to the last signature, every code read by the camera."""

import pytest

from . import camera, paper
from .bench import DIN
from .conftest import CHROMIUM, FLAGS
from .hands import CameraAndFinger
from .ward import ward
from .way import Way, walk


@pytest.fixture
def filming(playwright, tmp_path):
    """A browser whose camera sees the labels that the hands lay down."""
    hands = CameraAndFinger(camera.mjpeg(tmp_path / "film.mjpeg", [paper.lot(DIN)], 0.1, 0))
    launched = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *camera.flags(hands.film)])
    yield launched, hands
    launched.close()


def test_one_bag_of_each_arm_goes_the_whole_way_by_camera_and_finger(filming, tmp_path):
    with ward(tmp_path, *filming) as here:
        walk(Way(here))
