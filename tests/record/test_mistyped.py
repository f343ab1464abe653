"""Each column of each table, with what was never meant for it: a finding that names the table, and no crash."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from custody.store import accounts, declared
from custody.store.database import Database
from custody.verifying import Wanted, verify_here
from tests.chain.people import TECHNICIAN
from tests.record.tamper import unguard

VALUES = (None, "zz", 7_777, b"\x07", b"\x07" * 9000)
FREE = {"account.secret": "text", "account.epoch": "integer", "ledger.protocol_name": "text"}
"""What no entry tells: any value of its type."""


def write(database, table, column, value):
    """Write a value into one row as somebody would who has the file; give its type there, None where it is refused."""
    key = ", ".join(one.name for one in table.primary_key.columns)
    update = f"UPDATE {table.name} SET {column.name} = :value WHERE ({key}) = (SELECT {key} FROM {table.name} LIMIT 1)"
    with suppress(IntegrityError), database.writing() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        unguard(connection)
        if table.name.endswith("_tile"):  # a ledger as small as this has none
            connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES (0, 0, zeroblob(8192))")
        assert connection.execute(text(update), {"value": value}).rowcount == 1
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
        kind = f"SELECT typeof({column.name}) FROM {table.name} WHERE {column.name} = :value"
        return connection.execute(text(kind), {"value": value}).first()[0]
    return None


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", declared.TABLES, ids=lambda table: table.name)
def test_a_value_that_was_never_meant_for_its_column_is_a_finding_with_its_table(world, server, table):
    with world.database.writing() as connection:
        accounts.keep(connection, TECHNICIAN.code, TECHNICIAN.login, "a hash")
    world.database.close()
    for column in table.columns:
        for value in VALUES:
            database = Database(server.copy(world.url))
            kind = write(database, table, column, value)
            if kind and FREE.get(f"{table.name}.{column.name}") != kind:
                found = map(str, verify_here(database, world.keys, Wanted(replayed=True)).findings)
                told = [one for one in found if not one.startswith("triggers, ")]
                names = (table.name, f"{table.name.partition('_')[0]}/", "protocol.toml")
                assert any(one.startswith(names) or table.name in one for one in told), (column.name, kind, told)
            database.close()
            server.drop(str(database.url))
