"""What a scanned or typed text is. Vectors: ICCBBA ST-001 v6.2.2 and the texts it cites."""

import secrets
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.codes import (
    ALPHABET,
    LENGTH,
    PREFIXES,
    CodeError,
    Kind,
    Reason,
    begins_link,
    group,
    mint,
    read,
    url,
)

BAG = "TNRUJUDFSCVJ"
kinds = st.sampled_from(list(Kind))
own_codes = st.builds(lambda kind: mint(kind, secrets.token_bytes), kinds)


def reason(text: str) -> Reason:
    with pytest.raises(CodeError) as refused:
        read(text)
    assert refused.value.text == text
    assert refused.value.expected.endswith(".")
    return refused.value.reason


@given(kinds)
def test_a_minted_code_is_read_as_its_kind(kind: Kind) -> None:
    code = mint(kind, secrets.token_bytes)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert (read(code).kind, read(code).code) == (kind, code)


def test_every_kind_has_its_own_prefix_of_the_alphabet() -> None:
    assert set(PREFIXES) == set(Kind)
    assert len(set(PREFIXES.values())) == len(Kind)
    assert set(PREFIXES.values()) <= set(ALPHABET)


def test_what_is_expected_names_the_letters_and_the_length_of_our_codes() -> None:
    said = {
        why: CodeError(why, "").expected for why in (Reason.UNKNOWN_PREFIX, Reason.FOREIGN_SYMBOL, Reason.WRONG_LENGTH)
    }
    assert " ".join(sorted(PREFIXES.values())) in said[Reason.UNKNOWN_PREFIX]
    assert ALPHABET in said[Reason.FOREIGN_SYMBOL]
    assert f" {LENGTH} letters" in said[Reason.WRONG_LENGTH]


def test_minting_draws_again_rather_than_favour_some_codes() -> None:
    draws = iter([b"\xff" * 8, bytes(8)])
    assert mint(Kind.TREATMENT_BAG, lambda _: next(draws)).startswith("TBBBBBBBBBB")
    assert next(draws, None) is None


def test_all_symbols_are_as_likely_at_every_place() -> None:
    codes = [mint(Kind.SEAL, secrets.token_bytes) for _ in range(17_000)]
    for place in range(1, LENGTH):
        counts = Counter(code[place] for code in codes)
        assert all(800 < counts[symbol] < 1200 for symbol in ALPHABET)


@pytest.mark.parametrize("code", [BAG, "CUSNGUEGPFGD", "PPSXBSJVUJVU"])
def test_every_single_wrong_symbol_is_caught(code: str) -> None:
    for place in range(LENGTH):
        for symbol in set(ALPHABET) - {code[place]}:
            wrong = code[:place] + symbol + code[place + 1 :]
            assert reason(wrong) in {Reason.WRONG_CHECK_SYMBOL, Reason.UNKNOWN_PREFIX}


@given(own_codes)
def test_every_swap_of_neighbours_is_caught(code: str) -> None:
    for place in range(LENGTH - 1):
        left, right = code[place], code[place + 1]
        if left != right:
            reason(code[:place] + right + left + code[place + 2 :])


@pytest.mark.parametrize(
    "text",
    [
        "tnru-judf-scvj",
        " TNRU JUDF SCVJ\r\n",
        "TNRU\u2011JUDF\u2011SCVJ",
        "HTTPS://CUSTODY.EXAMPLE/S/TNRUJUDFSCVJ",
        "https://localhost:8000/s/tnrujudfscvj",
        "]Q1HTTPS://CUSTODY.EXAMPLE/S/TNRUJUDFSCVJ",
        "]C0TNRUJUDFSCVJ",
    ],
)
def test_one_code_however_it_is_spelt(text: str) -> None:
    found = read(text)
    assert (found.kind, found.code, dict(found.fields)) == (Kind.TREATMENT_BAG, BAG, {})
    assert found.raw == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Reason.EMPTY),
        (" - \n", Reason.EMPTY),
        ("]Q1", Reason.EMPTY),
        ("T" * 401, Reason.TOO_LONG),
        (BAG[:-1], Reason.TRUNCATED),
        ("X" + BAG[1:-1], Reason.WRONG_LENGTH),
        (BAG + "B", Reason.WRONG_LENGTH),
        ("hello", Reason.FOREIGN_SYMBOL),
        ("TNRUJUDFSCV1", Reason.FOREIGN_SYMBOL),
        ("TNRUJUDßCVJ", Reason.WRONG_KEYBOARD),
        ("\uff34NRUJUDFSCVJ", Reason.FOREIGN_SYMBOL),
        ("XNRUJUDFSCVJ", Reason.UNKNOWN_PREFIX),
        ("TNRUJUDFSCVK", Reason.WRONG_CHECK_SYMBOL),
        ("HTTPSM!!CUSTODY:EXAMPLE!S!" + BAG, Reason.WRONG_KEYBOARD),
        ("HTTPSÖ--CUSTODY.EXAMPLE-S-" + BAG, Reason.WRONG_KEYBOARD),
        ("https://custody.example/s/", Reason.TRUNCATED),
        ("https://custody.example/elsewhere", Reason.FOREIGN_LINK),
        (f"https://custody.example/{BAG}", Reason.FOREIGN_LINK),
        ("https://id.gs1.org/01/03205000004004", Reason.NOT_GS1),
        ("https://id.gs1.org/01/03205000004005/10/abc", Reason.WRONG_ARTICLE),
        ("=A9999211234560", Reason.TRUNCATED),
        ("=O999921123456000", Reason.NOT_A_DIN),
        ("&>0180292359", Reason.OTHER_STRUCTURE),
        ("3205000004004", Reason.NOT_A_DIN),
        ("A9999 21 123456 4", Reason.WRONG_CHECK_CHARACTER),
        ("=A99992112345664", Reason.WRONG_CHECK_CHARACTER),
        ("=+03000=A99992600012300=<S12954A0", Reason.TRUNCATED),
        ("=+02000=A99992600012300&>0189992359", Reason.NOT_A_DIN),
        ("]d2" + BAG, Reason.NOT_GS1),
        ("(01)03205000004005(10)abc", Reason.WRONG_ARTICLE),
        ("03205000004005/abc123/1", Reason.WRONG_ARTICLE),
        ("03205000004004//1", Reason.NOT_GS1),
        ("03205000004004/abc/1/2", Reason.NOT_GS1),
        ("03205000004004/abc 123/1", Reason.NOT_GS1),
        ("(01)03205000004004", Reason.NOT_GS1),
        ("(10)abc", Reason.NOT_GS1),
    ],
)
def test_a_text_that_is_no_code_is_refused_with_the_reason(text: str, why: Reason) -> None:
    assert reason(text) == why


@given(st.text(max_size=60) | st.text("=&+<>()]\x1d01AZ9/:.S-BT", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(CodeError):
        assert read(text).raw == text


@pytest.mark.parametrize("text", [BAG, f"HTTPS://CUSTODY.EXAMPLE/S/{BAG}"])
def test_a_code_or_link_that_is_cut_off_is_said_to_be(text: str) -> None:
    cut = {end: reason(text[:end]) for end in range(1, len(text))}
    undecided = {end for end, why in cut.items() if why is not Reason.TRUNCATED}
    hosts = range(len("HTTPS://C"), len("HTTPS://CUSTODY.EXAMPLE/") + 1)
    assert undecided == (set(hosts) if "/" in text else set()), "which host is ours, the caller knows"
    assert {cut[end] for end in undecided} <= {Reason.FOREIGN_LINK}


def test_a_caller_that_knows_where_our_links_lead_knows_one_that_is_cut_off() -> None:
    whole = url(BAG)
    assert all(begins_link(whole[:end].lower(), "https://custody.example/") for end in range(1, len(whole) - LENGTH))
    assert not begins_link("https://custody.elsewhere", "https://custody.example")
    assert not begins_link(whole, "https://custody.example")


def test_a_code_of_a_link_says_where_the_link_leads() -> None:
    assert read(BAG).host == ""
    assert read(url(BAG)).host == "custody.example"
    assert read(f"https://Localhost:8000/s/{BAG}").host == "localhost:8000"


@given(own_codes)
def test_a_code_read_from_a_read_code_is_the_same(code: str) -> None:
    assert read(read(group(code).lower()).code).code == code


def test_what_a_printed_qr_holds() -> None:
    assert url(BAG) == "HTTPS://CUSTODY.EXAMPLE/S/TNRUJUDFSCVJ"
    assert read(url(BAG, "https://cells.chru-nancy.fr/")).code == BAG
    with pytest.raises(ValueError, match="at most 47"):
        url(BAG, "https://custody.a-very-long-name.example")


def test_groups_are_for_our_own_codes_alone() -> None:
    assert group(BAG) == "TNRU-JUDF-SCVJ"
    assert group("A999921123456") == "A999921123456"
