"""A database's file that was moved, deleted or exchanged under the service: nothing is written beside the record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from custody.chain.things import Plane
from custody.store.database import Database, NotInPlace
from custody.store.plane import run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "custody.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{file}")
    with opened.writing() as connection:
        run(connection, "CREATE TABLE open_thing (code TEXT)")
    yield opened
    opened.close()


def write(database: Database) -> None:
    with database.writing() as connection:
        run(connection, "INSERT INTO open_thing VALUES ('X')")


def written(database: Database) -> int:
    with database.reading(Plane.OPEN) as connection:
        return int(run(connection, "SELECT count(code) FROM open_thing").scalar_one())


def test_nothing_is_committed_to_a_file_that_was_moved_away_and_all_goes_on_once_it_is_back(
    database: Database, file: Path
) -> None:
    write(database)
    file.rename(file.with_name("elsewhere.db"))
    for _time in range(2):  # the second on a new connection, which may make no file
        with pytest.raises(NotInPlace, match=r"expected .*custody\.db as it was opened, found none"):
            write(database)
    with pytest.raises(NotInPlace):
        database.in_place()
    assert not file.exists()
    file.with_name("elsewhere.db").rename(file)
    write(database)
    assert written(database) == 2


def test_another_file_in_its_place_is_not_written_to(database: Database, file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))
    file.touch()
    with pytest.raises(NotInPlace, match="found another file"):
        write(database)
    assert file.stat().st_size == 0


def test_who_asks_afresh_is_given_a_new_connection_however_many_stand_open(database: Database, file: Path) -> None:
    with database.signing_in() as one, database.signing_in() as other:
        known = {id(each.connection.driver_connection) for each in (one, other)}
        with database.afresh() as connection:
            assert id(connection.connection.driver_connection) not in known
    file.rename(file.with_name("elsewhere.db"))
    with pytest.raises(NotInPlace), database.afresh():
        pass


def test_a_write_ahead_log_that_was_taken_away_ends_all_writing(database: Database, file: Path) -> None:
    """What stands in it alone would be gone, though it was acknowledged."""
    write(database)
    log = file.with_name("custody.db-wal")
    kept = log.read_bytes()
    log.unlink()
    with pytest.raises(NotInPlace, match="-wal was taken away"):
        write(database)
    log.write_bytes(kept)
    with pytest.raises(NotInPlace, match="-wal was taken away"):
        write(database)
    with pytest.raises(NotInPlace):
        database.in_place()


def test_a_link_to_the_file_is_its_place_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "custody.db")
    opened = Database(f"sqlite:///{tmp_path / 'link.db'}")
    with opened.writing() as connection:
        run(connection, "CREATE TABLE open_thing (code TEXT)")
    write(opened)
    assert written(opened) == 1
    opened.close()


def test_a_log_that_sqlite_itself_ended_with_its_last_connection_is_no_loss(database: Database) -> None:
    write(database)
    for engine in (database._writer, *database._readers.values()):
        engine.dispose()
    write(database)
    assert written(database) == 2
