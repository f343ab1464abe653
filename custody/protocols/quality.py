"""The release specification: tests with bounds, and tests with an expected result."""

from __future__ import annotations

from collections.abc import Iterable

from custody.chain.protocol import QcTest, Words
from custody.protocols.limits import Limit, Measure, measured
from custody.protocols.problems import Shown
from custody.protocols.sections import NAME, Seen, coded
from custody.protocols.table import Table


def quality(tables: Iterable[Table]) -> tuple[QcTest, ...]:
    """Read every test."""
    seen: Seen = {}
    return tuple(_test(table, seen) for table in tables)


def _test(table: Table, seen: Seen) -> QcTest:
    code, name = coded(table, NAME, seen), table.words()
    table.vouched(f"qc.{code}")
    bounded = [key for key in ("minimum", "maximum") if table.has(key)]
    if bool(bounded) == table.has("expected"):
        table.book.note(table.where, "expected minimum, maximum or both, or else an expected result")
        table.skip()
    return _bounded(table, code, name) if bounded else _expecting(table, code, name)


def _expecting(table: Table, code: str, name: Words) -> QcTest:
    seen: Seen = {}
    results = tuple((coded(entry, NAME, seen), entry.words()) for entry in table.tables("results"))
    expected = table.choice("expected", seen) if seen else ""
    return QcTest(code, name, "", 1, None, None, expected, results)


def _bounded(table: Table, code: str, name: Words) -> QcTest:
    unit, decimals = table.text("unit"), table.whole("decimals", 0, 6)
    low, high = (_bound(table, key, unit, decimals) for key in ("minimum", "maximum"))
    if low is not None and high is not None and low > high:
        table.expected("maximum", f"at least minimum ({table.take('minimum')})", Shown(table.take("maximum")))
    return QcTest(code, name, unit, 10 ** (decimals or 0), low, high, "")


def _bound(table: Table, key: str, unit: str, decimals: int | None) -> int | None:
    """Return a bound times the test's scale, when it has one that can be read."""
    if not table.has(key) or not unit or decimals is None:
        return None
    scale = 10**decimals
    percent = unit == "%"
    measure = Measure("a percentage" if percent else "a number", {unit: scale}, f"{1 / scale:.{decimals}f} {unit}")
    limit = Limit("", "qc", key, measure, 0, (100 if percent else 10**9) * scale)
    return measured(table, limit, table.take(key), unit)
