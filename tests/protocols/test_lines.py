"""Every key of a TOML file is found on its line."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from custody import protocols
from custody.protocols.lines import Where, locate

FILES = [*protocols.builtin().values(), Path(__file__).with_name("aurora.toml")]

# Each number is the line it stands on.
NUMBERED = '''a = 1
"b c" = 2 # [not.a.header]
'd."e' = 3
f.g . "h.i" = 4
j = """
k = 99
[[k]] \\""" # }
""" # eight
l = 9
m = \'\'\'
n = 99 \'\'\''
o = [ 12, # ]
  13, [ 13, "]", '[' ], { p = 13, q = "}" },
  14 ,

]
r = { s = 17, "t" = { u.v = 17 }, w = [17, 17] }
[x.y]
z = 19
[[aa]]
[[aa.bb]]
cc = 22
[aa.dd]
ee = 24
[[aa]] # again
ff = 26
[[aa.bb]]
gg = 28
[x]
hh = [ "", """""", '', """"x"""", 30 ]
"i\\u0069" = 31
jj = 1979-05-27 07:32:00
'''


def leaves(value: Any, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*where, key))
    else:
        yield where, value


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_each_key_of_every_form_of_toml_is_found_on_its_line(ends: str) -> None:
    text = NUMBERED.replace("\n", ends)
    lines = locate(text)
    numbers = [(where, value) for where, value in leaves(tomllib.loads(text)) if isinstance(value, int)]
    assert len(numbers) == 21
    assert {where: lines[where] for where, _ in numbers} == dict(numbers)


def test_a_table_stands_on_the_line_of_its_header() -> None:
    lines = locate(NUMBERED)
    assert {
        where: lines[where] for where in [(), ("x", "y"), ("x",), ("aa",), ("aa", 0), ("aa", 1), ("aa", 0, "dd")]
    } == {
        (): 1,
        ("x", "y"): 18,
        ("x",): 29,
        ("aa",): 20,
        ("aa", 0): 20,
        ("aa", 1): 25,
        ("aa", 0, "dd"): 23,
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_key_of_a_protocol_is_found_on_a_line_that_names_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines, found = text.split("\n"), locate(text)
    named = [(where, value) for where, value in leaves(tomllib.loads(text)) if isinstance(where[-1], str)]
    assert len(named) > 100
    for where, value in named:
        line = lines[found[where] - 1]
        assert re.search(rf"\b{where[-1]} = ", line)
        assert str(value) in line or isinstance(value, bool)
