"""Install Debian's chromium for the browser's tests, when it is missing and this is root on Debian.

Elsewhere the browser's tests say why they are skipped.
"""

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Install, or say why not."""
    if shutil.which("chromium"):
        return 0
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print("chromium is not installed: the browser's tests will be skipped.", file=sys.stderr)
        return 0
    print("Installing chromium for the browser's tests")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", "-qq", *command], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607
    return 0


if __name__ == "__main__":
    sys.exit(main())
