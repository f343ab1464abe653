"""However a file is spoilt, it is a protocol or it is refused: nothing else ever happens."""

import re
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custody import protocols
from custody.protocols import ProtocolError

GOOD = protocols.builtin()["chocmsc"].read_text(encoding="utf-8")
AURORA = Path(__file__).with_name("aurora.toml").read_text(encoding="utf-8")
PROBLEM = re.compile(r"bad\.toml:(\d+): [^\n]+")

PIECES = st.one_of(
    st.text(st.sampled_from("[]{}=.,#\"'\\\n 019-+e_:aT"), max_size=8),
    st.sampled_from(["nan", "-inf", "1e999999999", "true", "[[", "'''", '"""', "1979-05-27", "{}", "[]", "0x7f", "\0"]),
    st.text(max_size=3),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.sampled_from([GOOD, AURORA]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), PIECES), min_size=1, max_size=3),
)
@example(text=GOOD, cuts=[(0.0, 0, "x = 0x" + "f" * 900 + "\n")])
@example(text=GOOD, cuts=[(0.0, 0, "x = " + "9" * 5000 + "\n")])
def test_a_spoilt_file_is_a_protocol_or_is_refused(text: str, cuts: list[tuple[float, int, str]]) -> None:
    for where, length, piece in cuts:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    check_outcome(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([GOOD, AURORA]), st.floats(0, 1))
def test_a_truncated_file_is_a_protocol_or_is_refused(text: str, share: float) -> None:
    data = text.encode()
    check_outcome(data[: int(share * len(data))])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_file_with_lines_swapped_or_doubled_is_a_protocol_or_is_refused(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from([GOOD, AURORA])).split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        lines[one], lines[other] = lines[other], lines[data.draw(st.sampled_from([one, other]))]
    check_outcome("\n".join(lines).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    check_outcome(data)


def check_outcome(data: bytes) -> None:
    try:
        protocols.loads(data, "bad.toml")
    except ProtocolError as error:
        said = error.problems
    else:
        return
    assert said
    for problem in said:
        found = PROBLEM.fullmatch(problem)
        assert found is not None, problem
        assert 1 <= int(found[1]) <= data.count(b"\n") + 1
