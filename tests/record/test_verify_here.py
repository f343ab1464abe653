"""The ledger in place: each tampering with the database that stops the work, or hides from it, is found and named."""

from __future__ import annotations

import pytest

from custody.chain.things import Plane
from custody.store import accounts, triggers
from custody.store.database import Database
from custody.verifying import Wanted, verify_here
from tests.chain.people import MONITOR, TECHNICIAN
from tests.record.tamper import tamper

HEADS = {
    "open_head": ("root = :zeros", "size = size - 1", "size = size + 1", "recorded_at = '2020-01-01T00:00:00+00:00'"),
    "sealed_head": ("root = :zeros", "size = size - 1", "recorded_at = '2020-01-01T00:00:00+00:00'"),
}
TRIGGERS = "triggers that keep the logs append-only"


def report_of(world, *, replayed=False):
    return verify_here(world.database, world.keys, Wanted(replayed=replayed))


def findings(world, **wanted):
    """Give what is found beside the triggers, which whoever tampers has to take away."""
    found = map(str, report_of(world, **wanted).findings)
    return [one for one in found if not one.startswith("triggers, ")]


def signed_up(world, *people):
    with world.database.writing() as connection:
        for person in people:
            accounts.keep(connection, person.code, person.login, "a hash")


@pytest.mark.parametrize("replayed", [False, True])
def test_a_ledger_in_order_verifies_and_says_what_was_looked_at(world, replayed):
    signed_up(world, MONITOR, TECHNICIAN)
    report = report_of(world, replayed=replayed)
    assert report.findings == []
    covered, not_covered = "\n".join(report.covered), "\n".join(report.not_covered)
    for said in (
        TRIGGERS,
        "The tables: ",
        "The row of each head",
        "The ledger's name",
        "2 accounts: each has the login",
    ):
        assert said in covered
    assert ("Replay: every thing" in covered) is replayed
    assert ("Replay: the indexes" in covered) is replayed
    if world.database.dialect == "sqlite":
        assert f"{'integrity' if replayed else 'quick'}_check of SQLite" in covered
    else:
        assert "Whether the files of PostgreSQL are sound" in not_covered
    for said in ("The keys are the server's own", "whether a password is its person's own", "file name"):
        assert said in not_covered


@pytest.mark.parametrize(("table", "change"), [(table, one) for table, changes in HEADS.items() for one in changes])
@pytest.mark.parametrize("replayed", [False, True])
def test_a_head_that_is_not_the_signed_one_is_found_as_the_door_finds_it(world, table, change, replayed):
    values = {"zeros": bytes(32)} if "zeros" in change else {}
    tamper(world.database, f"UPDATE {table} SET {change}", **values)
    (found,) = findings(world, replayed=replayed)
    assert found.startswith(f"{table}: {change.split(' ')[0]}: expected ")
    report = report_of(world, replayed=replayed)
    assert not any("The row of each head" in line or line.startswith("Replay") for line in report.covered)


def test_a_ledger_under_another_name_is_found_even_with_its_own_keys_given(world):
    tamper(world.database, "UPDATE ledger SET origin = 'custody.example/other'")
    vkeys = (world.keys / "vkeys").read_text().splitlines()
    found = [str(one) for one in verify_here(world.database, world.keys, Wanted(vkeys)).findings]
    assert "ledger: origin: expected custody.example/trial, found 'custody.example/other'" in found
    assert any(one.startswith("open_head: origin: expected custody.example/trial/open, as signed") for one in found)


# --- triggers and file ------------------------------------------------------------------------


def execute(database, statement):
    with database.writing() as connection:
        connection.exec_driver_sql(statement)


def trigger_findings(world):
    report = report_of(world)
    assert not any(TRIGGERS in line for line in report.covered)
    return {one.where.removeprefix("triggers, "): one for one in report.findings}


def tables_of(world):
    """Give each trigger and its table."""
    made = (statement.split() for statement in triggers.statements(world.database.dialect))
    return {words[2]: words[words.index("ON") + 1] for words in made if words[1] == "TRIGGER"}


def test_each_trigger_that_is_not_there_is_found(world):
    sqlite = world.database.dialect == "sqlite"
    for name, table in tables_of(world).items():
        execute(world.database, f"DROP TRIGGER {name}{'' if sqlite else f' ON {table}'}")
    found = trigger_findings(world)
    assert found.keys() == tables_of(world).keys()
    assert {one.found for one in found.values()} == {"none"}


def test_a_trigger_that_does_something_else_and_one_too_many_are_found(world):
    if world.database.dialect == "sqlite":
        execute(world.database, "DROP TRIGGER open_event_no_update")
        idle = "BEFORE UPDATE ON open_event WHEN 0 BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        execute(world.database, f"CREATE TRIGGER open_event_no_update {idle}")
        execute(world.database, "CREATE TRIGGER more AFTER INSERT ON open_thing BEGIN SELECT 1; END")
        expected = {"open_event_no_update", "more"}
    else:
        execute(world.database, "ALTER TABLE open_tile DISABLE TRIGGER open_tile_keep")
        body = "LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        execute(world.database, f"CREATE OR REPLACE FUNCTION custody_refuse() RETURNS trigger {body}")
        more = "AFTER INSERT ON open_thing FOR EACH STATEMENT EXECUTE FUNCTION custody_refuse()"
        execute(world.database, f"CREATE TRIGGER more {more}")
        expected = {"open_tile_keep", "custody_refuse", "more"}
    found = trigger_findings(world)
    assert found.keys() == expected
    assert found["more"].expected == "none"


def test_a_table_or_view_that_is_not_ours_is_found(world):
    execute(world.database, "CREATE TABLE noted (participant INTEGER)")
    execute(world.database, "CREATE VIEW seen AS SELECT size FROM sealed_head")
    report = report_of(world)
    assert [str(one) for one in report.findings] == [
        f"{name}: table: expected nothing of this name, found a table or view" for name in ("noted", "seen")
    ]
    assert not any(line.startswith("The tables: ") for line in report.covered)


def test_a_table_that_is_gone_is_found_and_so_is_the_ledgers_own_row(world):
    tamper(world.database, "DELETE FROM ledger")
    assert findings(world) == ["ledger: row: expected a row, found none"]
    execute(world.database, "DROP TABLE open_head")
    report = report_of(world)
    assert "open_head: table: expected a table, found none" in map(str, report.findings)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_value_of_another_type_is_told_once_and_the_rest_is_verified(world):
    tamper(world.database, "UPDATE open_head SET root = hex(substr(root, 1, 16))")
    assert findings(world, replayed=True) == ["open_head, row 1: root: expected bytes, found text"]
    report = report_of(world)
    assert any(line.startswith("open (custody.example/trial/open): ") for line in report.covered)
    assert not any("The row of each head" in line or "of its type" in line for line in report.covered)


ON_SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""PostgreSQL looks through its files by a tool of its own."""


@ON_SQLITE
def test_what_sqlite_finds_wrong_with_its_file_is_told_and_the_rest_is_verified(world):
    execute(world.database, "PRAGMA writable_schema = ON")
    index = "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'account')"
    execute(world.database, f"{index} WHERE name = 'open_thing_holder'")
    world.database.close()
    world.database = Database(world.url)
    (found, *_) = findings(world)
    assert found.startswith("database: file: expected a sound one, found ")
    report = report_of(world)
    assert not any("file is sound" in line for line in report.covered)


@ON_SQLITE
def test_a_file_that_cannot_be_read_any_more_is_a_finding_and_no_crash(world, server):
    root = "SELECT rootpage - 1, page_size FROM sqlite_master, pragma_page_size WHERE name = 'open_event'"
    with world.database.inspecting() as connection:
        page, size = connection.exec_driver_sql(root).one()
    world.database.close()
    with server.files(world.url)[0].open("r+b") as file:
        file.seek(page * size)
        file.write(b"\xff" * size)
    world.database = Database(world.url)
    report = report_of(world)
    assert {one.where for one in report.findings} == {"database"}
    assert any(line.startswith("The logs: the database cannot be read") for line in report.not_covered)
    assert not any("entries" in line for line in report.covered)


# --- accounts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE account SET login = 'zz' WHERE person = :code", "login: expected '{login}', as in the open log"),
        ("UPDATE account SET person = 'NOBODY' WHERE person = :code", "account: expected one of a person"),
        (
            "INSERT INTO account SELECT 'trial', 'ghost', 'x', 0 FROM account WHERE person = :code",
            "found one of nobody",
        ),
    ],
)
def test_an_account_that_the_open_log_does_not_know_is_found(world, statement, found):
    signed_up(world, TECHNICIAN)
    tamper(world.database, statement, code=TECHNICIAN.code)
    (told,) = findings(world)
    assert found.format(login=TECHNICIAN.login) in told
    assert told.startswith("account, ")
    assert not any("each has the login" in line for line in report_of(world).covered)


def test_whoever_cannot_sign_in_is_named(world):
    signed_up(world, TECHNICIAN)
    tamper(world.database, "DELETE FROM account WHERE person = :code", code=TECHNICIAN.code)
    (line,) = [line for line in report_of(world).not_covered if line.startswith("Accounts: ") and "taken away" in line]
    assert TECHNICIAN.login in line


def test_a_sealed_row_that_does_not_open_is_told_in_words(world):
    tamper(world.database, "UPDATE sealed_thing SET box = :box WHERE version = 1", box=bytes(60))
    (found,) = findings(world, replayed=True)
    assert "does not open" in found
    assert "Key" not in found


def test_the_open_plane_reads_no_account(world):
    """The comparison is made where accounts may be read, and nowhere else."""
    signed_up(world, TECHNICIAN)
    assert accounts.logins(world.database) == [(TECHNICIAN.code, TECHNICIAN.login, TECHNICIAN.login)]
    with world.reading(Plane.OPEN) as connection, pytest.raises(Exception, match=r"prohibited|permission denied"):
        connection.exec_driver_sql("SELECT * FROM account").all()
