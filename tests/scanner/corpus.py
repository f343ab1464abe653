"""Ten thousand texts that a scanner, a keyboard or a bad person may send, from one seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.scanner.oracle import KINDS, LETTERS
from tests.test_keyboards import TYPED

SEED = 20261127
COUNT = 10_000
HUGE = 30_000
ARTICLE = "03205000004004"
AIMS = ("]d2", "]C1", "]Q3", "]e0", "]Q1", "]C0", "]d1", "]X9", "]")
SCRIPTS = "ТВСЕНΡΧΒΝТ１２３ＡＢＣ٠١٢३４ſKıİßŒ你好🩸e\u0301\u200b\u202e\ufeff\u00ad\u00a0\u2028"
CONTROLS = "\x00\x01\x04\x07\x08\x09\x0a\x0b\x0c\x0d\x1b\x1c\x1d\x1e\x1f\x7f\x85"
MARKS = "=&+<>()[]{}%/\\?#:;,.-_'\"*^~`|!@$ 0123456789"
ATTACKS = (
    "' OR '1'='1",
    "'; DROP TABLE open_things; --",
    "1 UNION SELECT secret FROM accounts",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{%print(config)%}",
    "%s%s%s%n%x",
    "%(host)s",
    "{0.__class__}",
    "{code}",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "..%2f..%2f",
    "\\\\server\\share",
    "preparation/TNRUJUDFSCVJ",
    "stratum/NAN",
    "allocation/PPSXBSJVUJVU",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://user:pw@custody.example/s/TNRUJUDFSCVJ",
    "https://[::1/s/TNRUJUDFSCVJ",
    "https://custody.example/s/../s/TNRUJUDFSCVJ",
    "HTTPS://CUSTODY.EXAMPLE/S/TNRUJUDFSCVJ?next=//evil",
    "NaN",
    "-1e999",
    "null",
    "NAN-001",
    "NAN-999999999999",
    "NAN-٠٠١",
    "nan-1 OR 1=1",
    "(((((((((",
    "(01)" * 60,
    "=+" + "99" + "000" + "=<S12954A0" * 30,
    "=" * 300,
    "&>&>&>&>",
    "%" * 200,
    "\u241d" * 50,
    f"]d201{ARTICLE}10{'A' * 20}21S1",
    f"01{ARTICLE}10{'A' * 20}17290930",
    "&A99992112345600",
    "0" * 390,
    "01" * 190,
)

Mutation = Callable[[Random, str, Sequence[str]], str]


def own(chance: Random) -> str:
    """Mint one of our codes by its rule."""
    kind = chance.choice(sorted(KINDS))
    body = kind + "".join(chance.choice(LETTERS) for _ in range(10))
    total = sum((12 - place) * LETTERS.index(letter) for place, letter in enumerate(body))
    return body + LETTERS[-total % 17]


def valid(chance: Random) -> list[str]:
    """Give texts that are right, in every form that is read or recognised."""
    codes = [own(chance) for _ in range(60)]
    links = [f"{host}/S/{code}" for code in codes[:12] for host in ("HTTPS://CUSTODY.EXAMPLE", "http://localhost:8000")]
    dins = ["=A99992112345600", "=G12341765432170", "A9999 21 123456 3", "G1234 98 654321 H", "A999917345628*"]
    compound = "=+04000=A99992600012300=<S12954A0&>0260761645=(2001202603171545"
    isbt = [*dins, compound, "=+03000=A99992600012300=<S12954A0&/CHA999926000042", "&/CHA999926000042", "&>0180292359"]
    gs1 = [
        f"(01){ARTICLE}(17)290930(10)abc123",
        f"(01){ARTICLE}(10)ALB77(21)S/1(7003)2909301430",
        f"]d201{ARTICLE}1729093010abc123\x1d21S/1",
        f"01{ARTICLE}10abc123\x1d17290930",
        f"01{ARTICLE}1729093010abc123^]7240NCT02883803",
        f"01{ARTICLE}10a\x1d70032909301430\x1d21{'9' * 20}",
        f"https://id.gs1.org/01/{ARTICLE}/10/abc123/21/S%2F1?17=290930",
        f"https://example.com/x/01/{ARTICLE}/10/aB?7003=2909301430&other=1",
        f"{ARTICLE}/ALB77/S1",
        f"{ARTICLE}/a%2Fb%25/",
        "(8018)123456789012345675",
        "8017123456789012345675",
        "(00)123456789012345675",
    ]
    return [*codes, *links, *isbt, *isbt, *gs1, *gs1]


def place(chance: Random, text: str) -> int:
    """Give a place in a text, or its end."""
    return chance.randrange(len(text) + 1)


def flip(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Read one character as another of its kind."""
    at = chance.randrange(len(text)) if text else 0
    of = "0123456789" if text[at : at + 1].isdigit() else LETTERS + "AILMOQWYZ"
    return text[:at] + chance.choice(of) + text[at + 1 :]


def swap(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Swap two neighbours."""
    at = place(chance, text)
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def cut(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Lose the end, the beginning, or something in the middle."""
    first, last = sorted((place(chance, text), place(chance, text)))
    return chance.choice((text[:first], text[last:], text[:first] + text[last:], text[:-1]))


def double(chance: Random, text: str, texts: Sequence[str]) -> str:
    """Scan twice, or two things at once, or a letter twice."""
    at = place(chance, text)
    return chance.choice((text + text, text + chance.choice(texts), text[:at] + text[at - 1 :], f"{text}\r\n{text}"))


def insert(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Put in marks, control characters or other scripts."""
    at = place(chance, text)
    return text[:at] + chance.choice((*CONTROLS, *SCRIPTS, *MARKS, *MARKS)) + text[at:]


def replace(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Put such a character in place of one."""
    at = place(chance, text)
    return text[:at] + chance.choice((*CONTROLS, *SCRIPTS, *MARKS)) + text[at + 1 :]


def garble(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Type it on another keyboard."""
    keys = TYPED[chance.choice(sorted(TYPED))]
    return "".join(keys.get(one, one) for one in text)


def case(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Fold or space it: what people do, and programs."""
    spaced = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return chance.choice((text.lower(), text.swapcase(), spaced, spaced.replace(" ", "-"), f"  {text}\t"))


def aim(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Put a symbology before it."""
    return chance.choice(AIMS) + text


def escape(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Escape a character as an address does, rightly or not."""
    at = chance.randrange(len(text)) if text else 0
    as_is = text[at : at + 1]
    return text[:at] + chance.choice((f"%{ord(as_is or ' '):02X}", "%", "%zz", "+", "&amp;")) + text[at + 1 :]


def attack(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Hide an attack in it."""
    at = place(chance, text)
    return text[:at] + chance.choice(ATTACKS) + text[at:]


def swell(chance: Random, text: str, _all: Sequence[str]) -> str:
    """Make it huge."""
    return (text or "x") * chance.choice((20, 35, HUGE // max(1, len(text))))


OFTEN: tuple[Mutation, ...] = (flip, flip, flip, swap, swap, cut, cut, cut, double, insert, replace, garble, case, aim)
SELDOM: tuple[Mutation, ...] = (escape, attack)


def noise(chance: Random) -> str:
    """Give a text of nothing."""
    letters = chance.choice((LETTERS, LETTERS, "0123456789", MARKS + LETTERS, SCRIPTS, CONTROLS + MARKS))
    return "".join(chance.choice(letters) for _ in range(chance.choice((1, 3, 8, 11, 12, 12, 12, 13, 14, 16, 20, 48))))


def texts(count: int = COUNT, seed: int = SEED, known: Sequence[str] = ()) -> list[str]:
    """Give that many different texts; `known` are codes on record, spoilt and used like the others."""
    chance = Random(seed)
    right = [*valid(chance), *known]
    found = dict.fromkeys([*right, *ATTACKS, ""])
    while len(found) < count:
        if chance.random() < 0.15:
            text = noise(chance)
        else:
            text = chance.choice(right)
            for _ in range(chance.choice((1, 1, 1, 2, 3))):
                text = chance.choice(OFTEN * 3 + SELDOM)(chance, text, right)
        found[swell(chance, text, right) if chance.random() < 0.003 else text] = None
    return list(found)
