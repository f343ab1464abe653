"""Checkpoints: one spelling, every key, and nothing taken on trust."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest

from custody.ledger import checkpoint, keys
from custody.ledger.proof import EMPTY_ROOT

ORIGIN = "example.org/trial/open"
HEAD = checkpoint.Checkpoint(ORIGIN, 20_852_163, sha256(b"root").digest())
SIGNERS = keys.generate(ORIGIN)
ED25519, ML_DSA = SIGNERS
VERIFIERS = [signer.verifier for signer in SIGNERS]
NOTE = checkpoint.sign(HEAD, SIGNERS)
TEXT, ED_LINE, ML_LINE = HEAD.body(), *NOTE.split("\n\n")[1].splitlines(keepends=True)
SIGNED_BY_ED = f"{TEXT}\n{ED_LINE}"


def test_a_signed_note_opens_to_its_checkpoint() -> None:
    assert checkpoint.open_note(NOTE, VERIFIERS) == HEAD
    assert NOTE.startswith(f"{ORIGIN}\n20852163\n")
    assert checkpoint.assemble(HEAD, [ED_LINE, ML_LINE]) == NOTE


def test_ml_dsa_signs_the_published_message() -> None:
    """C2SP tlog-cosignature: struct cosigned_message, and timestamp || signature on the line."""
    line = checkpoint.signature_line(HEAD, ML_DSA, timestamp=1_790_000_000)
    data = b64decode(line.split(" ")[2])
    name = ORIGIN.encode()
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", 1_790_000_000)
    message += bytes([len(name)]) + name + struct.pack(">QQ", 0, HEAD.size) + HEAD.root
    assert data[:4] == sha256(name + b"\n\x06" + ML_DSA.verifier.public_key).digest()[:4]
    assert data[4:12] == struct.pack(">Q", 1_790_000_000)
    ML_DSA.verifier._key.verify(data[12:], message)
    assert checkpoint.open_note(checkpoint.assemble(HEAD, [line]), [ML_DSA.verifier]) == HEAD


def test_all_or_any_of_the_keys() -> None:
    assert checkpoint.open_note(SIGNED_BY_ED, VERIFIERS, require="any") == HEAD
    assert checkpoint.open_note(NOTE, [ED25519.verifier]) == HEAD
    with pytest.raises(checkpoint.MissingSignature, match="ML_DSA_44"):
        checkpoint.open_note(SIGNED_BY_ED, VERIFIERS)


def test_unknown_signers_are_passed_over_but_do_not_suffice() -> None:
    witness = keys.generate("witness.example/w1")[0]
    note = checkpoint.assemble(HEAD, [checkpoint.signature_line(HEAD, witness), ED_LINE])
    assert checkpoint.open_note(note, [ED25519.verifier]) == HEAD
    for verifiers in ([keys.generate(ORIGIN)[0].verifier], []):
        with pytest.raises(checkpoint.UnknownSigners):
            checkpoint.open_note(note, verifiers)


def test_a_key_that_signed_something_else_is_refused_even_beside_a_good_one() -> None:
    other = checkpoint.Checkpoint(ORIGIN, HEAD.size + 1, HEAD.root)
    for signer in SIGNERS:
        lines = [ML_LINE if signer is ED25519 else ED_LINE, checkpoint.signature_line(other, signer)]
        with pytest.raises(checkpoint.BadSignature, match=signer.algorithm.name):
            checkpoint.open_note(checkpoint.assemble(HEAD, lines), VERIFIERS, require="any")


def coded(line: str) -> bytes:
    return b64decode(line.split(" ")[2])


def line_of(data: bytes, name: str = ORIGIN) -> str:
    return f"— {name} {b64encode(data).decode()}\n"


ROOT = TEXT.split("\n")[2]
LOOSE = ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="
BAD_NOTES = {
    "empty": "",
    "no signature": TEXT,
    "no signature line": f"{TEXT}\n",
    "no blank line": TEXT + ED_LINE,
    "no last newline": SIGNED_BY_ED[:-1],
    "text behind": SIGNED_BY_ED + "x",
    "a newline behind": SIGNED_BY_ED + "\n",
    "a line behind that is no signature": SIGNED_BY_ED + "and more\n",
    "a blank line in the text": SIGNED_BY_ED.replace(ORIGIN, ORIGIN + "\n", 1),
    "two blank lines": f"{TEXT}\n\n{ED_LINE}",
    "an extension line": f"{TEXT}more\n\n{ED_LINE}",
    "two lines only": f"{ORIGIN}\n1\n\n{ED_LINE}",
    "no origin": f"\n1\n{ROOT}\n\n{ED_LINE}",
    "a size with a leading zero": SIGNED_BY_ED.replace("\n2085", "\n02085"),
    "a size with a sign": SIGNED_BY_ED.replace("\n2085", "\n+2085"),
    "a negative size": SIGNED_BY_ED.replace("\n2085", "\n-2085"),
    "a size with a blank": SIGNED_BY_ED.replace("\n2085", "\n 2085"),
    "a size with an underscore": SIGNED_BY_ED.replace("\n2085", "\n2_085"),
    "a size in other digits": SIGNED_BY_ED.replace("\n2085", "\n٢٠٨٥"),
    "a size in hex": SIGNED_BY_ED.replace("\n20852163", "\n0x13"),
    "a size above 63 bits": SIGNED_BY_ED.replace("\n20852163", f"\n{2**63}"),
    "an enormous size": SIGNED_BY_ED.replace("\n20852163", "\n" + "9" * 5000),
    "no size": SIGNED_BY_ED.replace("\n20852163\n", "\n\n"),
    "size 0 with a root": SIGNED_BY_ED.replace("\n20852163\n", "\n0\n"),
    "a root of 31 bytes": SIGNED_BY_ED.replace(ROOT, b64encode(bytes(31)).decode()),
    "a root without padding": SIGNED_BY_ED.replace(ROOT, ROOT[:-1]),
    "a root in non-canonical base64": SIGNED_BY_ED.replace(ROOT, LOOSE),
    "a root in URL base64": SIGNED_BY_ED.replace(ROOT, "_" + ROOT[1:]),
    "a root with a blank": SIGNED_BY_ED.replace(ROOT, ROOT + " "),
    "carriage returns": SIGNED_BY_ED.replace("\n", "\r\n"),
    "a tab": SIGNED_BY_ED.replace(ORIGIN, ORIGIN + "\t", 1),
    "a zero byte": SIGNED_BY_ED.replace(ORIGIN, ORIGIN + "\0", 1),
    "a surrogate": SIGNED_BY_ED.replace(ORIGIN, ORIGIN + "\ud800", 1),
    "a byte order mark for an em dash": SIGNED_BY_ED.replace("— ", "\ufeff "),
    "a hyphen for the em dash": SIGNED_BY_ED.replace("— ", "- "),
    "two blanks in a signature line": SIGNED_BY_ED.replace("— ", "—  "),
    "a blank at the end of a signature": SIGNED_BY_ED[:-1] + " \n",
    "a signature without name": f"{TEXT}\n— {ED_LINE.split(' ')[2]}",
    "a name with a plus": f"{TEXT}\n{line_of(coded(ED_LINE), 'a+b')}",
    "a name with a no-break space": f"{TEXT}\n{line_of(coded(ED_LINE), 'a' + chr(0xA0) + 'b')}",
    "a signature of a key id only": f"{TEXT}\n{line_of(coded(ED_LINE)[:4])}",
    "the same key twice": f"{TEXT}\n{ED_LINE}{ED_LINE}",
    "one byte behind the signature": f"{TEXT}\n{line_of(coded(ED_LINE) + bytes(1))}",
    "one byte short": f"{TEXT}\n{line_of(coded(ED_LINE)[:-1])}",
    "another key id": f"{TEXT}\n{line_of(b'abcd' + coded(ED_LINE)[4:])}",
    "another name": f"{TEXT}\n{line_of(coded(ED_LINE), 'example.org/other')}",
    "another origin": SIGNED_BY_ED.replace(ORIGIN, "example.org/other", 1),
    "another size": SIGNED_BY_ED.replace("\n2085", "\n2086"),
    "too many signatures": f"{TEXT}\n" + "".join(line_of(b"%04d" % i + coded(ED_LINE)[4:]) for i in range(65)),
    "signatures in non-canonical base64": SIGNED_BY_ED[:-2] + "A\n",
}


@pytest.mark.parametrize("note", BAD_NOTES.values(), ids=BAD_NOTES.keys())
def test_a_note_in_another_spelling_is_refused(note: str) -> None:
    assert note != SIGNED_BY_ED
    with pytest.raises(checkpoint.NoteError):
        checkpoint.open_note(note, [ED25519.verifier])


ML_NOTE = f"{TEXT}\n{ML_LINE}"
ML_DATA = coded(ML_LINE)


@pytest.mark.parametrize(
    "data",
    [
        ML_DATA + b"\0",
        ML_DATA[:-1],
        ML_DATA[:4] + b"\x80" + ML_DATA[5:],
        ML_DATA[:11] + b"\1" + ML_DATA[12:],
        ML_DATA[:8],
    ],
    ids=["longer", "shorter", "late", "other time", "no signature"],
)
def test_an_ml_dsa_signature_has_its_length_and_its_timestamp(data: bytes) -> None:
    assert checkpoint.open_note(ML_NOTE, [ML_DSA.verifier]) == HEAD
    with pytest.raises(checkpoint.BadSignature):
        checkpoint.open_note(f"{TEXT}\n{line_of(data)}", [ML_DSA.verifier])


def test_no_bit_of_an_ed25519_note_can_be_flipped() -> None:
    data = SIGNED_BY_ED.encode()
    for place in range(len(data)):
        for bit in range(8):
            flipped = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
            with pytest.raises((checkpoint.NoteError, UnicodeDecodeError)):
                checkpoint.open_note(flipped.decode(), [ED25519.verifier])


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, bytes(32)),
        ("a\nb", 1, bytes(32)),
        ("a" * 256, 1, bytes(32)),
        ("a", -1, bytes(32)),
        ("a", 2**63, bytes(32)),
    ]
    + [("a", 1, bytes(31)), ("a", 0, bytes(32)), ("a\x00", 1, bytes(32))],
)
def test_what_no_checkpoint_can_say_is_not_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(checkpoint.MalformedNote):
        checkpoint.Checkpoint(origin, size, root)
    assert checkpoint.Checkpoint("a", 0, EMPTY_ROOT).size == 0
