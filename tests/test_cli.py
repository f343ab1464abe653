"""The command line as people use it: exit codes, one clear line for what is wrong, nothing half done."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import ProgrammingError

from custody import codes, demo
from custody.chain.administration import LoadRandomisation
from custody.chain.reconciliation import Reconcile, ReconcileSealed
from custody.chain.things import Plane
from custody.cli import main, people
from custody.cli.failing import outcome
from custody.codes import Kind, group, mint
from custody.labelling import decode as decode_picture
from custody.ledger.entry import decode
from custody.record.create import open_door
from custody.store.database import Database
from tests.sheets import codes_on

COMMAND = Path(sys.executable).with_name("custody")
BAG = "TBXKJHRENPUC"
COMMANDS = (
    "init",
    "demo",
    "run",
    "simulate",
    "trace",
    "label",
    "scan",
    "code",
    "export",
    "verify",
    "person",
    "site",
    "randomisation",
    "unseal",
    "upgrade",
)
ROOT = Path(__file__).parent.parent
WHITE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63f80f0001010100"
)
"""A picture of one white pixel."""


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUSTODY_")}
    return {**kept, "CUSTODY_DATA": str(data)}


@dataclass
class Ran:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


def process(data: Path, *arguments: str) -> Ran:
    """Run the command as a process of its own."""
    ran = subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, check=False, env=environment(data), cwd=data.parent
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def custody(data: Path, *arguments: str, typed: str = "") -> Ran:
    """Run the command in this process, which takes a tenth of the time, with what is typed into it."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(os, "environ", environment(data))
        patch.setattr(sys, "stdin", io.StringIO(typed))
        patch.chdir(data.parent)
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def done(data: Path, *arguments: str, typed: str = "") -> str:
    """Run a command that has to do what it says; give what it wrote."""
    ran = custody(data, *arguments, typed=typed)
    assert (ran.returncode, ran.stderr) == (0, ""), ran
    return ran.stdout


def answered(data: Path, *arguments: str) -> Any:
    """Run a reading command; give its answer in JSON."""
    return json.loads(done(data, *arguments, "--json"))


def told(data: Path, code: int, *arguments: str, typed: str = "") -> str:
    """Run a command that must not do it; give the line that says why."""
    ran = custody(data, *arguments, typed=typed)
    assert ran.returncode == code, ran
    assert "Traceback" not in ran.stderr
    assert ran.stderr.startswith("custody: ")
    return ran.stderr.removeprefix("custody: ").rstrip("\n")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the data folder of a demonstration, to be read only."""
    data = tmp_path_factory.mktemp("demonstration") / "data"
    assert "25 participants" in done(data, "demo")
    return data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a data folder that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def ledger(data: Path) -> Path:
    """Give the data folder of a new ledger with one administrator, who is called ada."""
    done(data, "init", "--protocol", "chocmsc")
    done(data, *add("Ada Admin", "administrator", "ada"), typed="adas password\n")
    return data


def add(name: str, role: str, login: str, *more: str) -> tuple[str, ...]:
    return ("person", "add", "--name", name, "--role", role, "--login", login, *more)


def example(trial: Path, design: str) -> str:
    found = {one["design"]: one["example"] for one in answered(trial, "label", "--list")}
    return str(found[design])


# --- how it is called


def test_the_help_names_every_command(data: Path) -> None:
    text = done(data, "--help")
    for command in COMMANDS:
        assert re.search(rf"^    {command}\b", text, re.MULTILINE), command
    assert "exit codes" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("dance",), "invalid choice: 'dance'"),
        (("simulate", "--participants", "0", "--out", "x"), "expected a number from 1 to 100000, found '0'"),
        (("simulate", "--participants", "250", "--out", "x"), "no place on the list of"),
        (("simulate", "--out", "/dev/full"), "/dev/full: expected a folder, found something else"),
        (
            ("export", "ledger", "--out", "/dev/full"),
            "/dev/full: expected an empty or new folder, found",
        ),
        (("run", "--port", "eighty"), "expected a port from 1 to 65535, found 'eighty'"),
        (
            ("label", "treatment_bag", BAG, "--out", "x.doc"),
            "ends with .svg, .pdf, .png, .zpl, or --format, found 'x.doc'",
        ),
        (("label", "treatment_bag"), "expected DESIGN, CODE and --out FILE"),
        (("verify", "nowhere"), "nowhere: expected the folder of an exported ledger"),
        (("verify", "/"), "/: expected the folder of an exported ledger, with open/ and vkeys in it; this is none"),
        (("scan", "nowhere.png"), "nowhere.png: No such file or directory"),
        (("init", "--protocol", "nowhere.toml"), "no protocol file nowhere.toml: expected a file, or one of chocmsc"),
        (("person", "list"), "no ledger at"),
        (("verify", "--database", "mysql://x/y"), "expected sqlite:///FILE or postgresql://USER@HOST/NAME"),
        (("verify", "--database", "postgresql://nobody@127.0.0.1:9/x"), "the database cannot be used"),
        (("run",), "no ledger at"),
    ],
)
def test_wrong_use_is_told_in_one_line_and_leaves_nothing(data: Path, arguments: tuple[str, ...], said: str) -> None:
    line = told(data, 2, *arguments)
    assert said in line
    assert "\n" not in line
    assert list(data.parent.iterdir()) == []


def test_the_command_itself_ends_with_these_codes(data: Path) -> None:
    assert process(data, "code", "=A99992112345600").returncode == 0
    assert process(data, "code", "TBXK").returncode == 1
    wrong = process(data, "person", "list")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert re.fullmatch(r"custody: no ledger at .*\n", wrong.stderr)


def test_a_defect_is_told_in_one_line_with_its_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custody.codes.read", lambda text: 1 / 0)
    assert main(["code", BAG]) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r"custody: a defect of this program, at test_cli\.py:\d+: ZeroDivisionError: .*\n", said)


def test_whoever_stops_reading_gets_no_complaint(trial: Path) -> None:
    line = f"{COMMAND} person list --json | head -1"
    ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, env=environment(trial))
    assert (ran.stdout, ran.stderr) == ("[\n", "")


# --- a code, a picture


def test_a_code_is_told_with_kind_fields_and_check_symbol(trial: Path) -> None:
    bag = example(trial, "treatment_bag")
    own = answered(trial, "code", bag.lower())
    assert (own["kind"], own["code"], own["check"]) == ("treatment_bag", bag, bag[-1])
    lot = answered(trial, "code", "=A99992112345600")
    assert (lot["kind"], lot["fields"]["din"], lot["check"]) == ("lot", "A999921123456", "3")
    vial = answered(trial, "code", "(01)03205000004004(17)290930(10)abc123")
    assert (vial["kind"], vial["fields"]["expiry"], vial["check"]) == ("albumin_vial", "2029-09-30", "4")
    assert "donation" not in done(trial, "code", bag)


def test_no_code_is_told_with_the_reason(data: Path) -> None:
    assert "truncated" in told(data, 1, "code", "TBXK")
    ran = custody(data, "code", "HTTPSM!!CUSTODY", "--json")
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["reason"] == "wrong_keyboard"
    said = told(data, 1, "code", "HTTPSM!!CUSTODY:EXQ?PLE!S!TNRUJUDFSCVJ")
    assert "On AZERTY it is TNRU-JUDF-SCVJ." in said


def test_a_label_is_written_and_scanned_again(trial: Path, tmp_path: Path) -> None:
    shipper = example(trial, "shipper")
    for form in ("svg", "pdf", "png"):
        done(trial, "label", "shipper", shipper, "--out", str(tmp_path / f"label.{form}"))
    heads = {path.name: path.read_bytes()[:5] for path in tmp_path.iterdir()}
    assert heads == {"label.svg": b"<svg ", "label.pdf": b"%PDF-", "label.png": b"\x89PNG\r"}
    reads = answered(trial, "scan", str(tmp_path / "label.png"))
    assert {read["code"] for read in reads} == {shipper}
    assert reads[0]["things"] == answered(trial, "trace", shipper)["things"]
    steps = {step["step"]: step["by"] for step in reads[0]["steps"]}
    assert steps["hand_over"] == ["cell_technician", "courier", "icu_nurse", "responsible_person"]
    assert "courier" in done(trial, "scan", str(tmp_path / "label.png"))


def test_copies_and_blank_labels_are_written_for_a_label_printer_too(trial: Path, tmp_path: Path) -> None:
    one, roll, many = (str(tmp_path / name) for name in ("one.zpl", "roll.zpl", "many.pdf"))
    shipper = ("label", "shipper", example(trial, "shipper"))
    done(trial, *shipper, "--copies", "3", "--out", one)
    assert Path(one).read_text().count("^XA") == Path(one).read_text().count("^PQ3\n") == 1
    done(trial, "label", "wristband", "--blank", "5", "--copies", "2", "--dpi", "300", "--out", roll)
    assert Path(roll).read_text().count("^PQ2\n") == len(
        set(re.findall(r"wristband ([A-Z-]+)", Path(roll).read_text()))
    )
    assert "^PW1181\n" in Path(roll).read_text()
    done(trial, *shipper, "--copies", "4", "--out", many)
    assert len(pypdfium2.PdfDocument(many)) == 4
    assert "expected 1 to 1000 of a PDF, found 0" in told(trial, 2, *shipper, "--copies", "0", "--out", many)
    assert "expected 1 to 1 of a SVG, found 2" in told(
        trial, 2, *shipper, "--copies", "2", "--out", str(tmp_path / "x.svg")
    )


def test_blank_labels_need_no_key(trial: Path, tmp_path: Path) -> None:
    roll = tmp_path / "roll.pdf"
    assert "3 in" in done(
        trial, "label", "wristband", "--blank", "3", "--out", str(roll), "--keys", str(tmp_path / "none")
    )
    assert roll.is_file()


def test_blank_labels_are_printed_each_with_a_code_of_its_own(trial: Path, tmp_path: Path) -> None:
    roll = tmp_path / "roll.pdf"
    assert "12 in" in done(trial, "label", "wristband", "--blank", "12", "--out", str(roll))
    found = codes_on(roll.read_bytes())
    assert len(found) == 12
    assert {code[0] for code in found} == {"P"}
    out = ("--out", str(roll))
    assert "one of wristband, shipper, found 'badge'" in told(trial, 2, "label", "badge", "--blank", "1", *out)
    assert "expected 1 to 1000, found 0" in told(trial, 2, "label", "wristband", "--blank", "0", *out)
    assert "expected no CODE" in told(trial, 2, "label", "wristband", "PPSXBSJVUJVU", "--blank", "1", *out)
    assert "ends with .pdf, .zpl," in told(
        trial, 2, "label", "wristband", "--blank", "1", "--out", str(tmp_path / "roll.svg")
    )


def test_a_picture_is_scanned_without_a_ledger_too(trial: Path, data: Path, tmp_path: Path) -> None:
    bag = example(trial, "treatment_bag")
    done(trial, "label", "treatment_bag", bag, "--out", str(tmp_path / "label.png"))
    assert answered(data, "scan", str(tmp_path / "label.png"))[0]["things"] is None
    assert "no ledger is in use here" in done(data, "scan", str(tmp_path / "label.png"))


def test_what_is_no_picture_or_shows_no_symbol_is_told(data: Path, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    assert "Expected a PNG, JPEG or WebP picture" in told(data, 2, "scan", str(tmp_path / "text.png"))
    (tmp_path / "cut.png").write_bytes(WHITE[:30])
    assert "Expected a PNG, JPEG or WebP picture" in told(data, 2, "scan", str(tmp_path / "cut.png"))
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert "empty.jpg: The file is empty." in told(data, 2, "scan", str(tmp_path / "empty.jpg"))
    (tmp_path / "label.pdf").write_bytes(b"%PDF-1.7")
    assert "label.pdf: This is a PDF: expected a PNG" in told(data, 2, "scan", str(tmp_path / "label.pdf"))
    (tmp_path / "white.png").write_bytes(WHITE)
    assert "no symbol was found" in told(data, 1, "scan", str(tmp_path / "white.png"))


def test_each_design_has_an_example_in_use_but_the_sheet_that_holds_an_arm_is_no_label(
    trial: Path, tmp_path: Path
) -> None:
    blinded = {one["design"] for one in answered(trial, "label", "--list", "--as-blinded") if not one["example"]}
    assert blinded == {"cryobag", "location"}
    designs = answered(trial, "label", "--list")
    assert all(one["example"] for one in designs)
    assert "code_sheet" not in {one["design"] for one in designs}
    sheet = next(sheet for places in lists_of(trial).values() for sheet, _arm in places)
    out = tmp_path / "sheet.pdf"
    assert "its label is" in told(trial, 2, "label", "code_sheet", sheet, "--out", str(out))
    assert not out.exists()
    bag = next(one["example"] for one in designs if one["design"] == "treatment_bag")
    assert answered(trial, "trace", bag)["things"][0]["status"] not in {"destroyed", "returned"}


def test_a_label_of_another_kind_or_of_nothing_is_refused_and_not_written(trial: Path, tmp_path: Path) -> None:
    bag, out = example(trial, "treatment_bag"), str(tmp_path / "label.png")
    assert "its label is treatment_bag, not badge" in told(trial, 2, "label", "badge", bag, "--out", out)
    assert "no label design flag" in told(trial, 2, "label", "flag", bag, "--out", out)
    assert "Found: 'TBXK'" in told(trial, 2, "label", "treatment_bag", "TBXK", "--out", out)
    assert "1200 dpi, not 5" in told(trial, 2, "label", "treatment_bag", bag, "--out", out, "--dpi", "5")
    assert "cannot be written" in told(trial, 2, "label", "treatment_bag", bag, "--out", f"{tmp_path}/no/label.png")
    assert list(tmp_path.iterdir()) == []


def test_a_label_is_written_through_links_and_pipes_which_stay_what_they_are(trial: Path, tmp_path: Path) -> None:
    label = ("label", "shipper", example(trial, "shipper"), "--format", "svg", "--out")
    kept, link, pipe = tmp_path / "kept.svg", tmp_path / "link.svg", tmp_path / "pipe"
    link.symlink_to(kept)
    done(trial, *label, str(link))
    assert (link.is_symlink(), kept.read_bytes()[:5]) == (True, b"<svg ")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    done(trial, *label, str(pipe))
    assert (pipe.is_fifo(), os.read(reader, 5)) == (True, b"<svg ")
    os.close(reader)
    full, ring = tmp_path / "full", tmp_path / "ring"
    full.symlink_to("/dev/full")
    assert told(trial, 2, *label, str(full)) == f"{full} cannot be written: No space left on device"
    assert (full.is_symlink(), Path("/dev/full").is_char_device()) == (True, True)
    ring.symlink_to(ring)
    assert "cannot be written" in told(trial, 2, *label, str(ring))
    assert "cannot be written: Is a directory" in told(trial, 2, *label, str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"kept.svg", "link.svg", "pipe", "full", "ring"}


# --- a trace


def test_a_trace_goes_both_ways_and_the_blinded_see_the_open_plane_alone(trial: Path) -> None:
    cryobag = used_cryobag(trial)
    answer = answered(trial, "trace", cryobag)
    assert [link["kind"] for link in answer["origins"]] == ["lot"]
    bag, participant = (link["code"] for link in answer["outcomes"][:2])
    back = answered(trial, "trace", participant)
    assert {"treatment_bag", "cryobag", "lot", "albumin_vial"} <= {link["kind"] for link in back["origins"]}
    blinded = answered(trial, "trace", participant, "--as-blinded")
    assert {link["kind"] for link in blinded["origins"]} == {"treatment_bag"}
    assert bag in {link["code"] for link in blinded["origins"]}
    assert "came from" in done(trial, "trace", participant)


def test_a_trace_says_through_what_each_thing_came(trial: Path) -> None:
    lot = answered(trial, "trace", used_cryobag(trial))["origins"][0]["code"]
    became = answered(trial, "trace", lot)["outcomes"]
    of_lot = {link["code"] for link in became if link["kind"] == "cryobag"}
    through = {group(link["code"]): link["via"] for link in became if link["kind"] == "treatment_bag"}
    assert set(through.values()) <= of_lot  # a heavy participant's bag is of several: through any one of them
    said = [re.split(r" {2,}", line) for line in done(trial, "trace", lot).splitlines()]
    assert {row[1]: row[4] for row in said if row[1:2] and row[1] in through} == {
        bag: group(cryobag) for bag, cryobag in through.items()
    }
    bag, cryobag = next(iter(through.items()))
    assert cryobag in {link["code"] for link in answered(trial, "trace", bag)["origins"]}


def test_a_trace_takes_a_trial_number_and_says_of_whom_and_where_each_bag_is(trial: Path) -> None:
    became = answered(trial, "trace", used_cryobag(trial))["outcomes"]
    whose = {link["kind"]: (link["number"], link["site"]) for link in became}
    number, site = whose["participant"]
    assert whose["treatment_bag"] == (number, site)
    assert site == number.partition("-")[0]
    of_them = next(link["code"] for link in became if link["kind"] == "participant")
    for typed in (number, number.lower(), number.replace("-0", "-")):
        assert answered(trial, "trace", typed)["code"] == of_them
    said = done(trial, "trace", used_cryobag(trial))
    assert re.search(rf"^participant .* {number} +\S+", said, re.MULTILINE), said
    assert f"participant {site}-999 is not known here" in told(trial, 1, "trace", f"{site}-999")
    assert "Our codes use only the letters" in told(trial, 2, "trace", "XXX-001")


def test_a_shipper_is_traced_to_all_that_it_carried_though_it_was_unpacked(trial: Path) -> None:
    shipper = one_of(trial, Plane.OPEN, "shipper", "opened")
    origins = answered(trial, "trace", shipper)["origins"]
    assert {"treatment_bag", "albumin_vial"} <= {link["kind"] for link in origins}
    assert {link["via"] for link in origins if link["kind"] == "treatment_bag"} == {shipper}
    blinded = answered(trial, "trace", shipper, "--as-blinded")["origins"]
    assert {link["kind"] for link in blinded} == {"treatment_bag"}


def test_a_badge_is_traced_to_what_its_person_did_and_to_the_blinded_the_open_half_of_it(trial: Path) -> None:
    people = answered(trial, "person", "list")
    badge = next(one["code"] for one in people if one["role"] == "cell_technician")
    both, openly = (
        answered(trial, "trace", badge)["records"],
        answered(trial, "trace", badge, "--as-blinded")["records"],
    )
    assert "thaw" in {one["step"] for one in both}
    assert openly == [one for one in both if one["plane"] == "open"]
    assert {"pack"} <= {one["step"] for one in openly}
    said = done(trial, "trace", badge)
    assert re.search(r"did and signed +step +thing", said)
    assert re.search(r"Z +Pack +\w{4}-\w{4}-\w{4}", said)
    assert "records" not in answered(trial, "trace", used_cryobag(trial))


def used_cryobag(trial: Path) -> str:
    return one_of(trial, Plane.SEALED, "cryobag", "used")


def one_of(trial: Path, plane: Plane, kind: str, status: str) -> str:
    """Give the code of a thing of the demonstration in some state."""
    database = Database(f"sqlite:///{trial / 'custody.db'}")
    door = open_door(database, trial / "keys")
    with database.reading(plane) as connection:
        found = door.stores[plane].find(connection, kind, status)[0].thing.code
    database.close()
    return found


def test_a_vial_is_traced_by_the_code_that_a_trace_prints(trial: Path) -> None:
    bag = answered(trial, "trace", used_cryobag(trial))["outcomes"][0]["code"]
    origins = answered(trial, "trace", bag)["origins"]
    vial = next(link["code"] for link in origins if link["kind"] == "albumin_vial")
    assert answered(trial, "code", vial)["kind"] == "albumin_vial"
    assert bag in {link["code"] for link in answered(trial, "trace", vial)["outcomes"]}


def test_to_the_blinded_a_sealed_code_is_as_unknown_as_one_that_does_not_exist(trial: Path) -> None:
    sealed = example(trial, "cryobag")
    known = answered(trial, "code", sealed)["typed"]
    assert told(trial, 1, "trace", sealed, "--as-blinded") == f"{known} is not known here"
    nowhere, out = mint(Kind.CRYOBAG, os.urandom), str(trial / "label.svg")
    assert "is not known here" in told(trial, 1, "trace", nowhere, "--as-blinded")
    for code in (sealed, nowhere):
        said = told(trial, 1, "label", "treatment_bag", code, "--out", out, "--as-blinded")
        assert said == f"{group(code)} is not known here"
    assert "check symbol" in told(trial, 2, "trace", nowhere[:-1] + ("B" if nowhere[-1] != "B" else "C"))


def test_a_picture_of_a_bag_tells_the_blinded_nothing_of_the_bench(trial: Path, tmp_path: Path) -> None:
    bag, picture = example(trial, "treatment_bag"), str(tmp_path / "label.png")
    done(trial, "label", "treatment_bag", bag, "--out", picture)
    blinded = answered(trial, "scan", picture, "--as-blinded")[0]["things"]
    assert {thing["kind"] for thing in blinded} == {"treatment_bag"}
    both = answered(trial, "scan", picture)[0]["things"]
    assert {thing["kind"] for thing in both} == {"treatment_bag", "preparation"}
    cryobag = example(trial, "cryobag")
    done(trial, "label", "cryobag", cryobag, "--out", picture)
    blinded = answered(trial, "scan", picture, "--as-blinded")[0]["things"]
    assert blinded == [], "as a code that is on record nowhere"
    assert answered(trial, "scan", picture)[0]["things"] != []


def test_a_picture_of_an_unused_vial_says_when_it_expires_and_where_it_is_used(trial: Path, tmp_path: Path) -> None:
    picture = tmp_path / "vial.png"
    for day, steps in (("701231", ["dilute"]), ("200131", [])):
        text = f"(01)03205000004004(17){day}(10)UNUSED"
        drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
        Image.fromarray(drawn.to_image(scale=6)).save(picture)
        for blinded in ((), ("--as-blinded",)):
            [vial] = answered(trial, "scan", str(picture), *blinded)
            assert (vial["things"], [step["step"] for step in vial["steps"]]) == ([], steps)
    assert "expires 2020-01-31" in done(trial, "scan", str(picture))


def test_the_open_plane_is_looked_at_without_keys(trial: Path, tmp_path: Path) -> None:
    wristband, keyless = example(trial, "wristband"), ("--keys", str(tmp_path / "none"))
    assert answered(trial, "trace", wristband, *keyless)["things"]
    assert answered(trial, "trace", wristband, *keyless)["plane"] == "open"
    assert answered(trial, "trace", wristband)["plane"] == "sealed"
    picture = str(tmp_path / "label.png")
    done(trial, "label", "wristband", wristband, "--out", picture, *keyless)
    assert answered(trial, "scan", picture, *keyless)[0]["things"]
    assert answered(trial, "label", "--list", *keyless)


# --- a new ledger


def test_a_new_ledger_is_made_once_and_never_overwritten(data: Path) -> None:
    assert "custody.example/chocmsc" in done(data, "init", "--protocol", "chocmsc")
    before = {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}
    assert "never overwritten" in told(data, 1, "init", "--protocol", "chocmsc")
    (data / "custody.db").rename(data / "elsewhere.db")
    assert "holds keys already" in told(data, 1, "init", "--protocol", "chocmsc")
    (data / "elsewhere.db").rename(data / "custody.db")
    assert {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()} == before


def test_only_the_owner_reads_keys_and_data(data: Path) -> None:
    done(data, "init", "--protocol", "chocmsc")
    modes = {path.name: path.stat().st_mode & 0o777 for path in [data, *data.rglob("*")]}
    assert modes["data"] == modes["keys"] == 0o700
    assert modes["custody.db"] == modes["vault.key"] == modes["sealed.ed25519.pem"] == 0o600


def test_in_an_open_folder_the_database_is_its_owners_alone_and_a_warning_says_so(data: Path) -> None:
    data.mkdir(mode=0o755)
    ran = custody(data, "init", "--protocol", "chocmsc")
    assert ran.returncode == 0
    assert ran.stderr == f"custody: warning: {data} is open to others (0755): expected 0700, `chmod 700 {data}`\n"
    assert (data / "custody.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[trial", "trial.toml:1: not TOML"),
        (
            (ROOT / "custody/protocols/chocmsc.toml")
            .read_text()
            .replace("hold = { value = 120", "hold = { value = -1"),
            "timing.hold",
        ),
    ],
)
def test_a_bad_protocol_is_told_with_its_line_and_nothing_is_made(data: Path, text: str, said: str) -> None:
    (data.parent / "trial.toml").write_text(text)
    assert said in told(data, 2, "init", "--protocol", "trial.toml")
    assert not data.exists()


def test_a_ledger_that_cannot_be_made_leaves_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("custody.record.keyring.os.fsync", Mock(side_effect=full))
    for command in (("init", "--protocol", "chocmsc"), ("demo",)):
        keys = ("--keys", str(data.parent / "elsewhere" / "keys"))
        assert "No space left on device" in told(data, 2, *command)
        assert "No space left on device" in told(data, 2, *command, *keys)
        assert list(data.parent.iterdir()) == []


def test_a_name_that_no_key_can_bear_is_refused(data: Path) -> None:
    assert "without space" in told(data, 2, "init", "--protocol", "chocmsc", "--origin", "my ledger")
    assert not data.exists()


def test_a_ledger_of_this_version_needs_no_upgrade(ledger: Path) -> None:
    assert "already" in done(ledger, "upgrade")


def test_a_database_that_is_none_is_told(data: Path) -> None:
    data.mkdir()
    (data / "custody.db").write_bytes(b"this is no database" * 100)
    cannot = f"the database cannot be used: sqlite:///{data}/custody.db: file is not a database"
    assert cannot in told(data, 2, "person", "list")
    assert cannot in told(data, 2, "verify")
    said = told(data, 2, "verify", "--database", "postgresql://nobody:secret@127.0.0.1:9/x")
    assert "postgresql://nobody:***@127.0.0.1:9/x: connection failed" in said
    assert "secret" not in said


def test_what_postgresqls_user_may_not_do_is_told_with_what_it_needs() -> None:
    denied = ProgrammingError("CREATE ROLE", {}, InsufficientPrivilege("permission denied to create role"))
    expected = "expected a user who owns the database and may create roles (CREATEROLE)"
    told = f"the database cannot be used: permission denied to create role: {expected}"
    assert outcome(denied) == (2, [told])


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("open.ed25519.pem", b"-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n", "a private key in PEM"),
        ("sealed.ml-dsa-44.pem", b"", "a private key in PEM"),
        ("open.ml-dsa-44.pem", None, "a key of ML_DSA_44"),
        ("vault.key", b"00", "64 hex digits"),
    ],
)
def test_a_broken_key_is_told_with_its_file_and_what_to_do(
    ledger: Path, name: str, content: bytes | None, expected: str
) -> None:
    path = ledger / "keys" / name
    path.write_bytes((ledger / "keys" / "open.ed25519.pem").read_bytes() if content is None else content)
    for command in (("person", "list"), ("verify",)):
        assert told(ledger, 2, *command) == (
            f"{path} is broken: expected {expected}. Put the file back from your copy of the keys"
        )


# --- people


def test_the_first_administrator_is_added_by_the_system_and_adds_the_others(ledger: Path) -> None:
    assert "there is an administrator" in told(ledger, 2, *add("Bo", "courier", "bo"), typed="bos password\n")
    done(ledger, *add("Bo Courier", "courier", "Bo", "--as", "ada"), typed="adas password\nbos password\n")
    people = {one["login"]: one for one in answered(ledger, "person", "list")}
    assert (people["bo"]["role"], people["bo"]["status"]) == ("courier", "active")
    done(ledger, "person", "close", "bo", "--reason", "left", "--as", "ada", typed="adas password\n")
    assert "closed" in done(ledger, "person", "list")


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "said"),
    [
        (add("X", "courier", "x", "--as", "ada"), "wrong password\n", 1, "login or password is wrong"),
        (add("X", "courier", "x", "--as", "ada"), "adas password\nshort\n", 2, "8 to 200 characters, this one 5"),
        (add("X", "king", "x", "--as", "ada"), "adas password\nlong enough\n", 1, "king is none of"),
        (add("X", "courier", "ada", "--as", "ada"), "adas password\nlong enough\n", 1, "sign-in of someone else"),
        (add("X", "icu_nurse", "x", "--as", "ada", "--site", "LYO"), "adas password\nlong enough\n", 1, "LYO"),
        (("person", "close", "nobody", "--reason", "r", "--as", "ada"), "", 1, "nobody signs in as 'nobody'"),
        (("person", "close", "ada", "--reason", "r", "--as", "ada"), "adas password\n", 1, "Someone else has to close"),
        (("person", "password", "nobody"), "long enough\n", 1, "nobody signs in as 'nobody'"),
        (("person", "password", "ada"), "short\n", 2, "8 to 200 characters"),
    ],
)
def test_what_may_not_be_done_with_people_is_told(
    ledger: Path, arguments: tuple[str, ...], typed: str, code: int, said: str
) -> None:
    assert said in told(ledger, code, *arguments, typed=typed)
    assert [one["login"] for one in answered(ledger, "person", "list")] == ["ada"]


def test_a_new_password_replaces_the_old_one(ledger: Path) -> None:
    done(ledger, "person", "password", "ADA", typed="another password\n")
    bo = add("Bo", "courier", "bo", "--as", "ada")
    assert "is wrong" in told(ledger, 1, *bo, typed="adas password\nbos password\n")
    done(ledger, *bo, typed="another password\nbos password\n")


def test_from_the_first_list_on_access_to_the_arm_is_given_by_two(ledger: Path) -> None:
    stan = add("Stan", "statistician", "stan", "--as", "ada")
    done(ledger, *stan, typed="adas password\nstans password\n")
    done(ledger, "person", "password", "stan", typed="stans password\n")
    out = ledger / "list.csv"
    done(ledger, "randomisation", "generate", "--out", str(out), "--blocks", "2")
    load = ("randomisation", "import", str(out), "--blocks", "2", "--as", "stan")
    done(ledger, *load, typed="stans password\n")
    spy = add("Spy", "unblinded_inspector", "spy", "--as", "ada")
    assert "A second person has to sign. (--with LOGIN)" in told(ledger, 1, *spy, typed="adas password\nlong enough\n")
    wrong = (*spy, "--with", "stan")
    assert "--with stan: login or password is wrong" in told(
        ledger, 1, *wrong, typed="adas password\nwrong password\nlong enough\n"
    )
    done(ledger, *wrong, typed="adas password\nstans password\nspys password\n")
    said = told(ledger, 1, "person", "password", "spy", typed="another password\n")
    assert "(--as LOGIN)" in said
    assert "(--with LOGIN)" in said
    two = ("person", "password", "spy", "--as", "ada", "--with", "stan")
    done(ledger, *two, typed="adas password\nstans password\nanother password\n")
    done(ledger, "person", "password", "spy", "--as", "spy", typed="another password\nyet another one\n")
    done(ledger, "person", "password", "ada", typed="adas new password\n")


def test_the_sites_of_the_trial_are_listed(ledger: Path) -> None:
    assert [site["code"] for site in answered(ledger, "site", "list")] == ["UTCT", "NAN", "DIJ", "STR"]


# --- randomisation


@pytest.fixture
def statistician(ledger: Path) -> Path:
    """Give a ledger with a statistician, who is called sam."""
    done(ledger, *add("Sam", "statistician", "sam", "--as", "ada"), typed="adas password\nsams password\n")
    return ledger


def test_a_list_is_drawn_for_its_owner_alone_and_loaded_once(statistician: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    done(statistician, "randomisation", "generate", "--blocks", "4,6", "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    assert "never overwritten" in told(
        statistician, 1, "randomisation", "generate", "--blocks", "4,6", "--out", str(out)
    )
    load = ("randomisation", "import", str(out), "--blocks", "4,6", "--as", "sam")
    assert "places loaded, sealed" in done(statistician, *load, typed="sams password\n")
    assert "NAN, DIJ, STR is loaded already" in told(statistician, 1, *load, typed="sams password\n")


def test_two_lists_differ_and_a_seeded_one_says_what_it_is_for(data: Path, tmp_path: Path) -> None:
    draw = ("randomisation", "generate", "--protocol", "chocmsc", "--blocks", "4", "--places", "40", "--out")
    for name in ("one", "two"):
        done(data, *draw, str(tmp_path / name))
        assert "for trying out" in done(data, *draw, str(tmp_path / f"seeded {name}"), "--seed", "7")
    assert (tmp_path / "one").read_text() != (tmp_path / "two").read_text()
    assert (tmp_path / "seeded one").read_text() == (tmp_path / "seeded two").read_text()


def test_a_list_that_fits_nowhere_is_not_left_by_halves(data: Path, tmp_path: Path) -> None:
    out, written = tmp_path / "list.csv", io.StringIO()
    written.write = Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))  # type: ignore[method-assign]
    draw = ("randomisation", "generate", "--protocol", "chocmsc", "--blocks", "4", "--out", str(out))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("custody.cli.lists.os.fdopen", lambda file, *_, **__: (os.close(file), written)[1])
        assert told(data, 2, *draw) == f"{out} cannot be written: No space left on device"
    assert not out.exists()


def test_a_bad_list_is_told_with_its_lines_and_nothing_is_loaded(statistician: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    out.write_text("site,place,arm\nNAN,1,MSC\nNAN,2,PLACEBO\nDIJ,1,GOLD\nDIJ,3,MSC\n")
    load = ("randomisation", "import", str(out), "--blocks", "4,6", "--as", "sam")
    said = told(statistician, 2, *load, typed="sams password\n")
    assert "list.csv:4: arm: expected one of MSC, PLACEBO, found 'GOLD'" in said
    assert "custody: list.csv:5: place: expected 2" in said
    out.write_text("site,place,arm\n" + "\n".join(ROWS[:19]))
    said = told(statistician, 2, *load[:3], "--blocks", "2", "--as", "sam", typed="sams password\n")
    assert "list.csv:20: NAN: expected a list that ends with a whole block of 2, found its last 1 places" in said
    assert not [entry for entry in sealed_entries(statistician) if entry["step"] == "load_randomisation"]


def test_a_site_without_a_list_and_a_short_one_have_to_be_meant(statistician: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    out.write_text("site,place,arm\n" + "\n".join([*ROWS[:24], *ROWS[24:34]]))
    load = ("randomisation", "import", str(out), "--blocks", "2", "--as", "sam")
    assert "short: DIJ 10 places, each site's share of the participants is 22" in told(statistician, 1, *load)
    load = (*load, "--short", "DIJ")
    lost = told(statistician, 1, *load, typed="sams password\n")
    assert lost == "no list for STR: was the file cut? If it comes later, say --missing STR"
    assert "--missing: DIJ has a list" in told(statistician, 1, *load, "--missing", "STR,DIJ", typed="sams password\n")
    assert "--missing: expected some of NAN, DIJ, STR" in told(statistician, 2, *load, "--missing", "MARS")
    said = done(statistician, *load, "--missing", "STR", typed="sams password\n").splitlines()
    assert said == [
        "NAN: 24 places (12 MSC, 12 PLACEBO) in 12 blocks (12 of 2), the first and the last complete",
        "DIJ: 10 places (5 MSC, 5 PLACEBO) in 5 blocks (5 of 2), the first and the last complete",
        "once loaded, no list can be changed",
        "NAN: 24 places loaded, sealed",
        "DIJ: 10 places loaded, sealed",
        "no list yet for STR",
    ]
    loaded = [entry for entry in sealed_entries(statistician) if entry["type"] == "randomisation_loaded"]
    assert [one["signatures"][0]["meaning"] for one in loaded] == [LoadRandomisation.SPEC.signed] * 2
    assert [one["payload"]["short"] for one in loaded] == [False, True]


def test_a_wrong_password_on_the_command_line_is_on_record(statistician: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LISTS)
    load = ("randomisation", "import", str(tmp_path / "list.csv"), "--blocks", "2", "--as", "sam")
    assert "login or password is wrong" in told(statistician, 1, *load, typed="not sams\n")
    last = sealed_entries(statistician)[-1]
    assert (last["type"], last["step"], last["actor"]["name"]) == ("step_refused", "load_randomisation", "Sam")
    assert [reason["reason"] for reason in last["payload"]["reasons"]] == ["wrong_password"]


def test_lists_with_too_few_places_and_sizes_of_no_block_are_refused_before_any_is_loaded(
    statistician: Path, tmp_path: Path
) -> None:
    out = tmp_path / "list.csv"
    rows = [f"{site},{place},{('MSC', 'PLACEBO')[place % 2]}" for site in ("NAN", "DIJ", "STR") for place in (1, 2)]
    out.write_text("\n".join(["site,place,arm", *rows]) + "\n")
    load = ("randomisation", "import", str(out), "--as", "sam", "--blocks")
    short = ("--short", "NAN,DIJ,STR")
    said = told(statistician, 1, *load, "2", *short, typed="sams password\n")
    assert said == "expected 66 places for the trial's participants, found 6 on all lists"
    assert "multiples of 2 up to 100, as 4,6; found '3'" in told(statistician, 2, *load, "3")
    assert "ends with a whole block of 4" in told(statistician, 2, *load, "4", typed="sams password\n")
    out.write_text("site,place,arm\nNAN,1,MSC\nNAN,2,PLACEBO\n")
    alone = ("--short", "NAN", "--missing", "DIJ,STR")
    assert "NAN: 2 places loaded" in done(statistician, *load, "2", *alone, typed="sams password\n")


def test_only_the_statistician_loads_a_list(statistician: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    out.write_text(LISTS)
    load = ("randomisation", "import", str(out), "--blocks", "2", "--as", "ada")
    assert "Your role (administrator) may not do this" in told(statistician, 1, *load, typed="adas password\n")


# --- the end: the codes are opened

ROWS = [f"{site},{place},{('MSC', 'PLACEBO')[place % 2]}" for site in ("NAN", "DIJ", "STR") for place in range(1, 25)]
LISTS = "\n".join(["site,place,arm", *ROWS]) + "\n"
BOTH = ("unseal", "--signed-by", "rosa", "--signed-by", "sam")
SHOW = ("randomisation", "show", "--as", "sam")


@pytest.fixture
def loaded(statistician: Path, tmp_path: Path) -> Path:
    """Give a ledger with its lists, a responsible person, who is called rosa, and a monitor, who is called mo."""
    for name, role, site in (("Rosa", "responsible_person", "UTCT"), ("Mo", "monitor", "")):
        login = name.lower()
        added = add(name, role, login, "--as", "ada", *(("--site", site) if site else ()))
        done(statistician, *added, typed=f"adas password\n{login}s password\n")
    (tmp_path / "list.csv").write_text(LISTS)
    load = ("randomisation", "import", str(tmp_path / "list.csv"), "--blocks", "2", "--as", "sam")
    done(statistician, *load, typed="sams password\n")
    return statistician


def reconciled(data: Path) -> Path:
    """Reconcile both planes: there is no command for it."""
    database = Database(f"sqlite:///{data / 'custody.db'}")
    door = open_door(database, data / "keys")
    for login, step in (("mo", Reconcile()), ("rosa", ReconcileSealed())):
        people.submit(door, people.named(door, login), step, step.SPEC.signed)
    database.close()
    return data


def sealed_entries(data: Path) -> list[dict[str, Any]]:
    database = Database(f"sqlite:///{data / 'custody.db'}")
    store = open_door(database, data / "keys").stores[Plane.SEALED]
    with database.reading(Plane.SEALED) as connection:
        found = [decode(entry) for entry in store.entries(connection, 0, store.size(connection))]
    database.close()
    return found


def test_before_its_end_a_trial_is_not_unsealed_and_all_that_is_missing_is_said(loaded: Path) -> None:
    typed = "rosas password\nsams password\n"
    assert told(loaded, 1, *BOTH, typed=typed).splitlines() == [
        "Not reconciled by the monitor: that comes first.",
        "custody: Not reconciled by the responsible person: that comes first.",
    ]
    assert "codes are not open" in told(loaded, 1, "export", "arms", "--out", str(loaded / "arms.csv"))
    assert not (loaded / "arms.csv").exists()


def test_a_list_is_written_by_no_command_until_the_codes_are_open_and_the_try_is_on_record(
    loaded: Path, tmp_path: Path
) -> None:
    assert "when the randomisation codes are open" in told(loaded, 1, *SHOW, typed="sams password\n")
    assert (sealed_entries(loaded)[-1]["step"], sealed_entries(loaded)[-1]["type"]) == (
        "show_randomisation",
        "step_refused",
    )
    assert "Your role (responsible person) may not" in told(loaded, 1, *SHOW[:-1], "rosa", typed="rosas password\n")
    reading = [
        ("verify",),
        ("verify", "--replay"),
        ("person", "list"),
        ("site", "list"),
        ("trace", "stratum/NAN"),
        ("code", "stratum/NAN"),
        ("label", "--list", "--json"),
        ("randomisation", "import", str(tmp_path / "list.csv"), "--blocks", "2", "--as", "sam"),
        ("export", "ledger", "--out", str(tmp_path / "out")),
    ]
    for command in reading:
        ran = custody(loaded, *command, typed="sams password\n")
        assert not re.search(r"(MSC|PLACEBO)\W{1,12}(MSC|PLACEBO)", ran.stdout + ran.stderr), command
    for file in (tmp_path / "out").rglob("*"):
        if file.is_file() and file.name != "protocol.toml":
            assert b"PLACEBO" not in file.read_bytes(), file


def test_two_sign_the_codes_are_opened_once_and_the_very_list_comes_back(loaded: Path, tmp_path: Path) -> None:
    reconciled(loaded)
    wrong = told(loaded, 1, *BOTH, typed="rosas password\nnot sams\n")
    assert wrong == "--signed-by sam: the password is wrong"
    assert "expected two people, found 1" in told(loaded, 2, "unseal", "--signed-by", "sam")
    said = done(loaded, *BOTH, typed="rosas password\nsams password\n")
    assert said.splitlines()[0] == "3 lists and 0 orders open"
    assert "nothing was changed" in done(loaded, *BOTH, typed="rosas password\nsams password\n")
    assert told(loaded, 1, *BOTH, typed="rosas password\nnot sams\n") == "--signed-by sam: the password is wrong"
    assert sealed_entries(loaded)[-1]["payload"]["reasons"][0]["reason"] == "wrong_password"
    others = told(loaded, 1, *BOTH[:-1], "mo", typed="rosas password\nmos password\n")
    assert "may not do this. Allowed: statistician." in others
    assert done(loaded, *SHOW, typed="sams password\n") == LISTS
    assert sealed_entries(loaded)[-1]["type"] == "randomisation_shown"
    assert "3 made, 3 opened in the open log" in done(loaded, "verify")
    assert "0 participants" in done(loaded, "export", "arms", "--out", str(tmp_path / "arms.csv"))
    (tmp_path / "mine.csv").write_text("my own\n")
    assert "mine.csv is there already" in told(loaded, 1, "export", "arms", "--out", str(tmp_path / "mine.csv"))
    assert (tmp_path / "mine.csv").read_text() == "my own\n"
    assert (tmp_path / "arms.csv").read_text() == "number,site,arm,state,participant,treatment_bags\n"
    done(loaded, "export", "ledger", "--out", str(tmp_path / "out"))
    assert "3 made, 3 opened in the open log" in done(loaded, "verify", str(tmp_path / "out"))


def test_others_who_sign_are_refused_by_the_rule(loaded: Path) -> None:
    reconciled(loaded)
    monitor = told(loaded, 1, *BOTH[:-1], "mo", typed="rosas password\nmos password\n")
    assert "Your role (responsible person) may not do this. Allowed: statistician." in monitor
    same = told(loaded, 1, "unseal", "--signed-by", "sam", "--signed-by", "sam", typed="sams password\n")
    assert "The second person must be someone else." in same


def sheets_of(paper: bytes) -> dict[str, str]:
    """Give what each page of a PDF says, by the one code that is read from it, in the pages' order."""
    document = pypdfium2.PdfDocument(paper)
    found = {}
    for page in document:
        out = io.BytesIO()
        page.render(scale=203 / 72).to_pil().save(out, "PNG")
        [code] = {codes.read(read.text).code for read in decode_picture(out.getvalue())}
        found[code] = page.get_textpage().get_text_bounded()
    document.close()
    return found


def lists_of(data: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    """Give (sheet, arm) of each place of each site's list, as the ledger holds them."""
    database = Database(f"sqlite:///{data / 'custody.db'}")
    door = open_door(database, data / "keys")
    with database.reading(Plane.SEALED) as connection:
        found = [kept.thing for kept in door.stores[Plane.SEALED].find(connection, "stratum", "loaded")]
    database.close()
    return {one.site: tuple(zip(one.sheets, one.arms, strict=True)) for one in found}  # type: ignore[attr-defined]


@pytest.fixture
def listed(statistician: Path, tmp_path: Path) -> Path:
    """Give a ledger with lists, of which Nancy's is short."""
    places = {"NAN": 4, "DIJ": 62}
    rows = [
        f"{site},{place},{('MSC', 'PLACEBO')[place % 2]}" for site in places for place in range(1, places[site] + 1)
    ]
    out = tmp_path / "short.csv"
    out.write_text("\n".join(["site,place,arm", *rows]) + "\n")
    done(
        statistician,
        "randomisation",
        "import",
        str(out),
        "--blocks",
        "2",
        "--as",
        "sam",
        *("--short", "NAN", "--missing", "STR"),
        typed="sams password\n",
    )
    return statistician


SHEETS = ("randomisation", "sheets", "--as", "sam", "--out")


def test_each_place_has_a_sheet_with_its_code_and_arm_in_an_order_that_tells_nothing(
    listed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "sheets.pdf"
    assert "NAN: 4 sheets" in done(listed, *SHEETS, str(out), "--site", "NAN", typed="sams password\n")
    assert out.stat().st_mode & 0o777 == 0o600
    pages = sheets_of(out.read_bytes())
    meant = dict(lists_of(listed)["NAN"])
    assert pages.keys() == meant.keys()
    assert list(pages) == sorted(pages)
    for sheet, text in pages.items():
        arm = text.partition("Arm of this sheet")[2].partition("And not")[0]
        assert ("Albumin alone" in arm, "stem cells" in arm) == (meant[sheet] == "PLACEBO", meant[sheet] == "MSC")
        assert "Albumin alone" in text
        assert "stem cells" in text
    sizes = {len("".join(text.split())) for text in pages.values()}
    assert len(sizes) == 1, "a page's text is as long in either arm"


def test_one_sites_sheets_are_printed_alone_and_each_printing_is_on_record(listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "nancy.pdf"
    done(listed, *SHEETS, str(out), "--site", "NAN", typed="sams password\n")
    assert set(sheets_of(out.read_bytes())) == {sheet for sheet, _arm in lists_of(listed)["NAN"]}
    assert f"expected a new PDF file, found {out}" in told(listed, 2, *SHEETS, str(out), typed="sams password\n")
    assert "no randomisation list is loaded for STR" in told(
        listed, 1, *SHEETS, str(tmp_path / "x.pdf"), "--site", "STR", typed="sams password\n"
    )
    printings = [entry for entry in sealed_entries(listed) if entry["type"] == "code_sheets_printed"]
    assert [(one["actor"]["name"], one["payload"]) for one in printings] == [("Sam", {"site": "NAN", "sheets": 4})]
    assert len(printings[0]["signatures"]) == 1


def test_nobody_but_the_statistician_prints_sheets_and_nothing_is_written(listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheets.pdf"
    as_ada = ("randomisation", "sheets", "--as", "ada", "--out", str(out))
    assert "Your role (administrator) may not do this" in told(listed, 1, *as_ada, typed="adas password\n")
    assert "login or password is wrong" in told(listed, 1, *SHEETS, str(out), typed="a guess\n")
    assert not out.exists()


# --- export and verification


def test_an_exported_ledger_verifies_and_is_not_overwritten(trial: Path, tmp_path: Path) -> None:
    both, blinded = tmp_path / "both", tmp_path / "blinded"
    assert "sealed" in done(trial, "export", "ledger", "--sealed", "--out", str(both))
    assert "sealed" not in done(trial, "export", "ledger", "--out", str(blinded))
    assert not (blinded / "sealed").exists()
    assert "/sealed+" not in (blinded / "vkeys").read_text()
    for path in (both, blinded):
        assert answered(trial, "verify", str(path))["ok"]
    assert "expected an empty folder" in told(trial, 1, "export", "ledger", "--out", str(both))
    assert answered(trial, "verify", str(both))["ok"], "what was there is whole"


def test_an_export_is_its_owners_alone_whatever_the_umask(trial: Path, tmp_path: Path) -> None:
    out, before = tmp_path / "a" / "b" / "ledger", os.umask(0)
    try:
        done(trial, "export", "ledger", "--sealed", "--out", str(out))
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "a").rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_a_changed_entry_of_an_exported_ledger_is_found(trial: Path, tmp_path: Path) -> None:
    out = tmp_path / "ledger"
    done(trial, "export", "ledger", "--out", str(out))
    (bundle,) = sorted((out / "open" / "tile" / "entries").rglob("44"))[:1] or [
        max((path for path in (out / "open" / "tile" / "entries").rglob("*") if path.is_file()), key=lambda p: p.name)
    ]
    data = bytearray(bundle.read_bytes())
    data[data.index(b"person") + 1] ^= 1
    bundle.write_bytes(bytes(data))
    ran = custody(trial, "verify", str(out))
    assert ran.returncode == 1
    assert "WRONG  open/" in ran.stdout
    assert "NOT VERIFIED" in ran.stdout


def test_what_is_wrong_with_an_exported_ledger_is_told_once_and_in_grammar(trial: Path, tmp_path: Path) -> None:
    out = tmp_path / "ledger"
    done(trial, "export", "ledger", "--out", str(out))
    (out / "README.txt").unlink()
    ran = custody(trial, "verify", str(out))
    assert [line for line in ran.stdout.splitlines() if "WRONG" in line or "VERIFIED" in line] == [
        "WRONG  README.txt: file: expected a file, found none",
        "NOT VERIFIED: 1 finding",
    ]
    (out / "open" / "checkpoint").write_text("junk")
    with (out / "vkeys").open("a") as vkeys:
        vkeys.write("no key\n")
    wrong = [line for line in custody(trial, "verify", str(out)).stdout.splitlines() if line.startswith("WRONG")]
    assert len(wrong) > 3
    for line in wrong:
        assert (line.count("expected "), line.count(", found ")) == (1, 1), line


def test_the_ledger_in_use_is_verified_and_replayed(trial: Path) -> None:
    answer = answered(trial, "verify", "--replay")
    assert (answer["ok"], answer["findings"]) == (True, [])
    assert any("Replay" in line for line in answer["covered"])
    for said in (
        "open: whether it was cut off or rewritten by whoever holds the keys",
        "The keys are the server's own",
    ):
        assert any(line.startswith(said) for line in answer["not_covered"]), said
    assert "verified: nothing found" in done(trial, "verify")


def test_with_another_vault_key_nothing_is_claimed_of_what_it_does_not_open(trial: Path, tmp_path: Path) -> None:
    keys = shutil.copytree(trial / "keys", tmp_path / "keys")
    (keys / "vault.key").write_text("00" * 32)
    ran = custody(trial, "verify", "--json", "--keys", str(keys))
    assert ran.returncode == 1
    report = json.loads(ran.stdout)
    (of_sealed,) = [line for line in report["covered"] if line.startswith("sealed")]
    assert of_sealed.endswith(": signatures of the checkpoint; nothing else.")
    (lost,) = [line for line in report["not_covered"] if line.startswith("sealed") and "could not be read" in line]
    assert re.fullmatch(r"sealed: \d+ entries could not be read, so nothing of them was checked\.", lost)
    (of_open,) = [line for line in report["covered"] if line.startswith("open")]
    assert "every tile; the root" in of_open


def test_an_export_onto_a_full_disk_says_where_and_leaves_nothing(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("custody.ledger.export.encode_entries", Mock(side_effect=full))
    out = tmp_path / "ledger"
    assert told(trial, 2, "export", "ledger", "--out", str(out)) == f"{out} cannot be written: No space left on device"
    assert not out.exists()


def test_an_older_checkpoint_and_trusted_keys_are_held_against_the_ledger(trial: Path, tmp_path: Path) -> None:
    out = tmp_path / "ledger"
    done(trial, "export", "ledger", "--sealed", "--out", str(out))
    kept = ("--older", str(out / "open" / "checkpoint"), "--vkeys", str(out / "vkeys"))
    held = answered(trial, "verify", *kept)
    assert any("older checkpoint" in line for line in held["covered"])
    assert not any("server's own" in line for line in held["not_covered"])
    of_open = [line for line in (out / "vkeys").read_text().splitlines(keepends=True) if "/open+" in line]
    (tmp_path / "open").write_text("".join(of_open))
    assert answered(trial, "verify", str(out), "--vkeys", str(tmp_path / "open"))["unsigned"] == ["sealed"]
    said = "nothing found, but not all is verified: no key was given of the log sealed"
    assert done(trial, "verify", "--vkeys", str(tmp_path / "open")).splitlines()[-1] == said
    (tmp_path / "vkeys").write_text("no key\n")
    assert "vkeys, line 1: expected name+hex" in told(trial, 2, "verify", "--vkeys", str(tmp_path / "vkeys"))
    no_checkpoint = f"{out / 'README.txt'}: expected a checkpoint, as `custody export checkpoint` writes it: expected"
    assert no_checkpoint in told(trial, 2, "verify", str(out), *kept, "--older", str(out / "README.txt"))
    assert "--replay compares tables" in told(trial, 2, "verify", str(out), "--replay")


def test_a_checkpoint_is_written_to_be_kept_and_never_over_another(ledger: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    assert "keep it outside: `custody verify --older" in done(ledger, "export", "checkpoint", "--out", str(kept))
    note = kept.read_text()
    held = answered(ledger, "verify", "--older", str(kept))
    assert any(line.startswith("older checkpoint of") for line in held["covered"])
    assert not any(line.startswith("open: whether") for line in held["not_covered"])
    assert "kept.txt is there already" in told(ledger, 1, "export", "checkpoint", "--out", str(kept))
    assert kept.read_text() == note


def test_a_change_in_the_database_is_found_in_place_and_the_door_stays_shut(ledger: Path) -> None:
    database = Database(f"sqlite:///{ledger / 'custody.db'}")
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER open_event_no_update")
        connection.exec_driver_sql(
            "UPDATE open_event SET entry = CAST(replace(CAST(entry AS TEXT), 'Ada', 'Eve') AS BLOB)"
        )
    database.close()
    ran = custody(ledger, "verify", "--json")
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["findings"]
    assert "root" in told(ledger, 1, "person", "list")


# --- simulation


def test_a_simulation_writes_its_report_once(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = ("simulate", "--participants", "2", "--seed", "4", "--out", str(out))
    report = json.loads(done(data, *run, "--json"))
    assert report == json.loads((out / "report.json").read_text())
    assert (report["participants"], report["unreconciled"]) == (2, 0)
    assert "expected an empty or new folder" in told(data, 1, *run)
    assert not data.exists(), "a simulation needs no ledger"


# --- the demonstration, served


def test_the_demonstration_is_filled_once(trial: Path) -> None:
    before = (trial / "custody.db").read_bytes()
    assert "never overwritten" in told(trial, 1, "demo")
    assert done(trial, "demo", "--if-empty") == ""
    assert (trial / "custody.db").read_bytes() == before
    assert {path.name for path in trial.iterdir()} == {"custody.db", "keys"}


def test_a_demonstration_needs_a_ledger_of_its_own(ledger: Path) -> None:
    assert "needs a new ledger" in told(ledger, 1, "demo")
    assert done(ledger, "demo", "--if-empty") == ""
    assert len(answered(ledger, "person", "list")) == 1


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, subprocess.Popen[str], list[str]]]:
    """Serve a ledger on a free port; give its address, the process and what it said."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [COMMAND, "run", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(data),
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line.rstrip())
            if "is served at" in line:
                break
        yield f"http://127.0.0.1:{port}", process, said
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def fetch(browser: OpenerDirector, address: str, **fields: str) -> str:
    for _ in range(50):
        try:
            with browser.open(address, urlencode(fields).encode() if fields else None, timeout=20) as answer:
                text: str = answer.read().decode()
                return text
        except URLError as wrong:
            if not isinstance(wrong.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError(address)


def test_devices_that_keep_connections_open_keep_nobody_else_out(trial: Path) -> None:
    """Sixteen telephones with six connections each were enough, once."""
    with serving(trial) as (address, _served, _said), ExitStack() as open_ones:
        fetch(build_opener(), f"{address}/healthz")
        for _number in range(300):
            port = int(address.rpartition(":")[2])
            open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        assert "alive" in fetch(build_opener(), f"{address}/healthz")


def test_it_is_served_with_the_sign_in_of_everybody_and_stops_when_told(trial: Path) -> None:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with serving(trial) as (address, served, said):
        text = "\n".join(said)
        assert f"everybody's password: {demo.PASSWORD}" in text
        assert all(login in text for login in ("technician2", "responsible", "nurse-dij", "investigator-str"))
        assert "wristband of a new participant" in text
        badges = {one["login"]: one["code"] for one in answered(trial, "person", "list")}
        (line,) = [line for line in said if line.split()[:1] == ["technician2"]]
        assert line.endswith(group(badges["technician2"]))
        token = re.search(r'name="csrf_token" value="([^"]+)"', fetch(browser, f"{address}/sign-in"))
        assert token is not None
        page = fetch(browser, f"{address}/sign-in", csrf_token=token[1], name="courier", password=demo.PASSWORD)
        assert "Bruno" in page
        assert example(trial, "shipper")[0] == "S"
        second = process(trial, "run", "--host", "127.0.0.1", "--port", address.rpartition(":")[2])
        assert (second.returncode, second.stderr[:22]) == (2, "custody: cannot listen")
        assert "something listens there already" in second.stderr
    assert served.returncode == 0
    key = trial / "keys" / "session.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_the_environment_says_where_it_is_served_unless_an_argument_does(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST", "300.1.1.1")
    monkeypatch.setenv("PORT", "8001")
    assert told(ledger, 2, "run").endswith("address of this machine, found '300.1.1.1'")
    assert told(ledger, 2, "run", "--host", "300.1.1.2").endswith("address of this machine, found '300.1.1.2'")
    monkeypatch.setenv("PORT", "eighty")
    assert told(ledger, 2, "run") == "PORT: expected a port from 1 to 65535, found 'eighty'"
    assert "address of this machine" in told(ledger, 2, "run", "--port", "8001")


def test_where_nothing_can_listen_it_is_told_why(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(ledger, 2, "run", "--host", "300.1.1.1").endswith("address of this machine, found '300.1.1.1'")
    for number, said in (
        (errno.EADDRINUSE, "cannot listen on ::1:80: something listens there already"),
        (errno.EACCES, "not permitted: name another --port"),
        (errno.EADDRNOTAVAIL, "this machine has no such address"),
        (errno.ENOBUFS, os.strerror(errno.ENOBUFS)),
    ):
        failing = OSError(number, os.strerror(number))
        monkeypatch.setattr("waitress.server.create_server", Mock(side_effect=failing))
        assert said.replace("::1", "[::1]") in told(ledger, 2, "run", "--host", "::1", "--port", "80")


def test_sign_ins_outlive_a_restart_and_a_spoilt_session_key_is_told(ledger: Path) -> None:
    with serving(ledger) as (_, __, said):
        assert not any("password" in line for line in said), "no demonstration, no passwords"
    key = ledger / "keys" / "session.key"
    before = key.read_bytes()
    with serving(ledger):
        assert key.read_bytes() == before
    key.write_bytes(b"short")
    assert "expected 32 bytes, found 5" in told(ledger, 2, "run", "--port", "1")
