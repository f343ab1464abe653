"""Fetch another's renderer of ZPL, by npm, for the tests of labels alone.

Elsewhere those tests say why they are skipped.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Install, or say why not."""
    if shutil.which("npm") is None:
        print("npm is not installed: the tests of ZPL by another's renderer will be skipped.", file=sys.stderr)
        return 0
    if not (ROOT / "node_modules" / "zpl-renderer-js").exists():
        print("Fetching another's renderer of ZPL for the tests")
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=ROOT, check=True)  # noqa: S607
    return 0


if __name__ == "__main__":
    sys.exit(main())
