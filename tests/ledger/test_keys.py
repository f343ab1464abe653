"""Keys: their names, their one spelling, their files; and that one signature never passes for another."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from custody.ledger import keys
from custody.ledger.keys import Algorithm

ORIGIN = "example.org/trial/open"
SIGNERS = keys.generate(ORIGIN)
BOTH = pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.algorithm.name)


def test_the_example_of_the_signed_note_package_verifies() -> None:
    """The example key of golang.org/x/mod/sumdb/note: name, id and key belong together."""
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    verifier = keys.Verifier.from_vkey(vkey)
    assert (verifier.key_id.hex(), verifier.vkey) == ("c74f20a3", vkey)
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    assert verifier.accepts(b64decode(line)[4:], text.encode())


@BOTH
def test_a_vkey_is_name_key_id_and_typed_key(signer: keys.Signer) -> None:
    typed = bytes([signer.algorithm]) + signer.verifier.public_key
    key_id = sha256(ORIGIN.encode() + b"\n" + typed).digest()[:4]
    assert signer.vkey == f"{ORIGIN}+{key_id.hex()}+{b64encode(typed).decode()}"


@BOTH
def test_a_vkey_has_one_spelling(signer: keys.Signer) -> None:
    name, key_id, coded = signer.vkey.split("+", 2)
    assert keys.Verifier.from_vkey(signer.vkey) == signer.verifier
    bad = [f"{name}x+{key_id}+{coded}", f"{name}+{key_id}+{coded}\n", f" {name}+{key_id}+{coded}", "", "+", "a+b+c"]
    bad += [f"{name}+00000000+{coded}", f"{name}+{key_id}+", f"{name}+{key_id}+{coded[:-4]}", f"+{key_id}+{coded}"]
    bad += [f"{name}+{key_id.upper()}0+{coded}", f"{name}+{key_id}+C{coded[1:]}", f"na me+{key_id}+{coded}"]
    for vkey in bad:
        with pytest.raises(keys.BadKey):
            keys.Verifier.from_vkey(vkey)


@BOTH
def test_no_character_of_a_vkey_can_be_another(signer: keys.Signer) -> None:
    vkey = signer.vkey
    for place in range(len(vkey)):
        with pytest.raises(keys.BadKey):
            keys.Verifier.from_vkey(vkey[:place] + chr(ord(vkey[place]) ^ 1) + vkey[place + 1 :])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x7f", "a\xa0b", "é" * 128, "\ud800"])
def test_a_name_that_no_note_can_carry_is_refused(name: str) -> None:
    with pytest.raises(keys.BadKeyName):
        keys.check_name(name)


def test_a_key_has_the_length_of_its_type() -> None:
    for algorithm, length in [(Algorithm.ED25519, 31), (Algorithm.ED25519, 1312), (Algorithm.ML_DSA_44, 32)]:
        with pytest.raises(keys.BadKey, match=f"found {length}"):
            keys.Verifier(ORIGIN, algorithm, bytes(length))


@BOTH
@pytest.mark.parametrize("password", [None, b"correct horse"])
def test_keys_survive_their_pem(signer: keys.Signer, password: bytes | None) -> None:
    again = keys.Signer.from_pem(ORIGIN, signer.to_pem(password), password)
    assert again.vkey == signer.vkey
    assert signer.verifier.accepts(again.sign(b"text"), b"text")


@BOTH
@pytest.mark.parametrize("password", [None, b"", b"wrong"])
def test_an_enciphered_key_opens_by_its_password_only(signer: keys.Signer, password: bytes | None) -> None:
    with pytest.raises(keys.BadKey):
        keys.Signer.from_pem(ORIGIN, signer.to_pem(b"correct horse"), password)


def test_a_key_of_another_kind_is_refused() -> None:
    data = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for wrong in (data, b"", b"nonsense"):
        with pytest.raises(keys.BadKey):
            keys.Signer.from_pem(ORIGIN, wrong)


def test_two_keys_are_never_the_same() -> None:
    assert len({signer.vkey for _ in range(3) for signer in keys.generate(ORIGIN)}) == 6


def test_signatures_do_not_pass_for_one_another() -> None:
    for signer, other in (SIGNERS, SIGNERS[::-1]):
        assert not other.verifier.accepts(signer.sign(b"text"), b"text")
        assert not signer.verifier.accepts(signer.sign(b"text"), b"text ")
