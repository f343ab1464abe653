"""Fetch the browser's packages by npm and copy the few files that pages need, with their licences.

Without npm everything works but the decoding of camera pictures in the page, which the server then
does; so its absence is said and is no error.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "custody" / "web" / "static" / "vendor"
FILES = {
    "zxing-wasm": ("dist/iife/reader/index.js", "dist/reader/zxing_reader.wasm", "LICENSE"),
    "htmx.org": ("dist/htmx.min.js", "LICENSE"),
}


def main() -> int:
    """Fill the folder anew and mark it as done."""
    if shutil.which("npm") is None:
        print("npm is not installed: the camera's pictures will be read by the server.", file=sys.stderr)
        return 0
    print("Fetching the browser's packages")
    subprocess.run(["npm", "ci", "--omit=dev", "--ignore-scripts", "--silent"], cwd=ROOT, check=True)  # noqa: S607
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package, files in FILES.items():
        source = ROOT / "node_modules" / package
        version = json.loads((source / "package.json").read_text())["version"]
        target = VENDOR / f"{package}@{version}"
        for file in files:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / file, target / file)
    (VENDOR / ".installed").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
