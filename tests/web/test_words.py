"""Every word of the rules has a name on pages, and every refusal is a whole sentence in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from custody import codes
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role, in_words
from custody.chain.step import STEPS, fields_of
from custody.chain.things import KINDS
from custody.chain.transitions import TABLES, states
from custody.chain.week import DAYS
from custody.web import reasons, words
from tests.web import house as houses

LANGUAGES = ("en", "fr")
CHAIN = Path(__file__).resolve().parents[2] / "custody" / "chain"
NAMED = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return houses.build(tmp_path_factory.mktemp("house")).app


@contextmanager
def spoken(app: Flask, language: str) -> Iterator[None]:
    with app.test_request_context("/", headers={"Accept-Language": language}):
        yield


def said(app: Flask, language: str, item: Refusal) -> str:
    with spoken(app, language):
        return (
            reasons.say(item, app.extensions["door"].protocol)
            .replace("\N{NO-BREAK SPACE}", " ")
            .replace("\N{NARROW NO-BREAK SPACE}", " ")
        )


def test_every_kind_of_thing_and_of_code_has_a_name() -> None:
    assert words.KINDS.keys() == KINDS.keys() | {str(kind) for kind in codes.Kind}


def test_every_state_of_every_thing_has_a_name() -> None:
    assert words.STATES.keys() == {state for kind in TABLES for state in states(kind)} | {""}


def test_every_role_has_a_name() -> None:
    assert words.ROLES.keys() == {str(role) for role in Role}


def test_every_way_in_which_a_code_can_be_wrong_is_said_with_what_to_do() -> None:
    assert words.UNREADABLE.keys() == words.ADVICE.keys() == set(codes.Reason)


def test_every_day_of_the_week_has_a_name() -> None:
    assert tuple(reasons.DAYS) == DAYS


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_states_of_one_thing_are_told_by_the_same_name(app: Flask, language: str) -> None:
    with spoken(app, language):
        for kind in TABLES:
            names = [words.state(state) for state in states(kind)]
            assert len(set(names)) == len(names), kind


def compared() -> Iterator[str]:
    """Yield every name of a time that the rules write into a refusal."""
    for file in CHAIN.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refuse":
                for keyword in node.keywords:
                    if keyword.arg in {"what", "later", "earlier"} and isinstance(keyword.value, ast.Constant):
                        yield str(keyword.value.value)


def test_every_time_that_a_refusal_compares_has_a_name() -> None:
    fields = {name for command in STEPS.values() for name, field in fields_of(command) if field.past}
    assert set(compared()) | fields <= reasons.TIMES.keys() | {"onset_at"}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_whole_sentence_in_both_languages(app: Flask, reason: Reason) -> None:
    item = Refusal(reason, {name: f"<{name}>" for name in NAMED.findall(reason.sentence)})
    for language in LANGUAGES:
        sentence = said(app, language, item)
        assert "{" not in sentence
        assert all(fact in sentence for fact in item.facts.values())
    if reason is not Reason.UNREADABLE:
        assert said(app, "en", item) != said(app, "fr", item)


BAG = "TBXKJHRENPUD"
SAID = (
    (
        refuse(Reason.ROLE, role="courier", allowed="cell_technician, monitor"),
        "Your role (courier) may not do this. Allowed: cell technician, trial monitor.",
        "Votre rôle (coursier) ne le permet pas. Rôles autorisés : technicien de thérapie cellulaire, ARC moniteur.",
    ),
    (
        refuse(Reason.SITE, expected="DIJ", found=""),
        "This belongs to Réanimation médicale, Hôpital Bocage, Dijon; you work at no site.",
        "Site concerné : Réanimation médicale, Hôpital Bocage, Dijon ; votre site : aucun.",
    ),
    (
        refuse(Reason.STATE, code=BAG, found="packed", expected="received, checked"),
        "TBXK-JHRE-NPUD is packed; this step needs: received, checked at the bedside.",
        "TBXK-JHRE-NPUD : emballage fait ; état requis : réception faite, contrôle au lit fait.",
    ),
    (
        refuse(Reason.WRONG_KIND, code=BAG, found="treatment_bag", expected="participant"),
        "TBXK-JHRE-NPUD is a treatment bag; a participant was expected.",
        "TBXK-JHRE-NPUD : poche de traitement ; attendu : participant.",
    ),
    (
        refuse(Reason.UNKNOWN, code=f"preparation/{BAG}"),
        "TBXK-JHRE-NPUD is not known here.",
        "TBXK-JHRE-NPUD n’est pas connu ici.",
    ),
    (
        refuse(Reason.NOT_SPELLED, found=BAG.lower(), expected=BAG),
        "tbxkjhrenpud is not as the record spells it: TBXKJHRENPUD.",
        "tbxkjhrenpud ne s’écrit pas comme dans l’enregistrement : TBXKJHRENPUD.",
    ),
    (
        refuse(Reason.MISSING, label="Weight"),
        "Weight: nothing was entered.",
        "Poids : rien n’a été saisi.",
    ),
    (
        refuse(Reason.NOT_A_NUMBER, label="Sterility", text="1.5x"),
        "Sterility: a number was expected, 1.5x found.",
        "Stérilité : nombre attendu, trouvé : 1.5x.",
    ),
    (
        refuse(Reason.NOT_A_CHOICE, label="Result", text="x", choices="no_growth, growth"),
        "Result: x is none of no growth, growth.",
        "Résultat : x ne fait pas partie de : absence de croissance, croissance.",
    ),
    (
        refuse(Reason.NOT_A_CHOICE, label="Reaction", text="x", choices="none, mild, serious"),
        "Reaction: x is none of none, mild, serious.",
        "Réaction : x ne fait pas partie de : aucune, légère, grave.",
    ),
    (
        refuse(Reason.TOO_EXACT, label="Viable cells", text="1,2345678", least="0.000001", unit="10^6/ml"),
        "Viable cells: 1,2345678 is more exact than can be kept: whole steps of 0.000001 10⁶/ml.",
        "Cellules viables : 1,2345678 est trop précis ; précision possible : 0,000001 10⁶/ml.",
    ),
    (
        refuse(Reason.NOT_CORRECTABLE, field="viability_permille"),
        "Viability cannot be corrected: do the step again, or raise a deviation.",
        "Viabilité ne se corrige pas : refaire l’étape, ou déclarer une déviation.",
    ),
    (
        refuse(Reason.ORDER_OF_TIMES, later="ended_at", earlier="thawed_at"),
        "the end has to be after the end of the thaw.",
        "Chronologie : la fin doit suivre la fin de la décongélation.",
    ),
    (
        refuse(Reason.WINDOW, found="Sat 2026-03-14 09:00 CET", window="Mon 08:00 - Fri 08:00"),
        "Onset Sat 2026-03-14 09:00 CET: outside Mon 08:00 - Fri 08:00.",
        "Début des catécholamines sam. 2026-03-14 09:00 CET : hors de la plage lun. 08:00 - ven. 08:00.",
    ),
    (
        refuse(Reason.EXCLUSION, criterion="Dying person"),
        "Exclusion criterion met: Dying person.",
        "Critère d’exclusion présent : Personne moribonde.",
    ),
    (
        refuse(Reason.QC_MISSING, tests="viability, cfu_f"),
        "QC not recorded: Viability after thaw, CFU-F colonies.",
        "CQ non enregistré : Viabilité après décongélation, Colonies CFU-F.",
    ),
    (
        refuse(Reason.OUT_OF_BOUNDS, label="Cryobags", text="-3", minimum="1", maximum="999", unit=""),
        "Cryobags: -3 is outside 1 to 999.",
        "Poches cryoconservées : -3 est hors de 1 à 999.",
    ),
    (
        refuse(Reason.DOSE, found=63_000_000, expected=70_500_000, tolerance="7.5"),
        "Dose 63 × 10⁶ cells; 70.5 × 10⁶ ± 7.5 % is asked for.",
        "Dose de 63 × 10⁶ cellules ; attendu : 70,5 × 10⁶ ± 7,5 %.",
    ),
    (
        refuse(Reason.NOT_DUE, due="0 min, 15 min, 24 h", found="20 min"),
        "Vital signs are due at 0 min, 15 min, 24 h, not at 20 min.",
        "Constantes prévues à 0 min, 15 min, 24 h, pas à 20 min.",
    ),
    (
        refuse(Reason.NOT_DUE, due="0, 15, 1440", found=20),  # as records of former times hold it
        "Vital signs are due at 0 min, 15 min, 24 h, not at 20 min.",
        "Constantes prévues à 0 min, 15 min, 24 h, pas à 20 min.",
    ),
    (
        refuse(Reason.TEMPERATURE_CLASS, code="R", found="-20", expected="LN2"),
        "R is for -20; cells need Nitrogen vapour, -140 °C or colder.",
        "R convient à -20 ; les cellules exigent Vapeur d'azote, -140 °C ou moins.",
    ),
)


@pytest.mark.parametrize(("item", "english", "french"), SAID, ids=[item.reason for item, _, _ in SAID])
def test_the_facts_are_said_in_the_readers_words(app: Flask, item: Refusal, english: str, french: str) -> None:
    assert said(app, "en", item) == english
    assert said(app, "fr", item) == french


@pytest.mark.parametrize("text", ["", "TBXK-JHRE-NPUC", "hello", "(01)1", "=A99992600012", "9" * 13, "x" * 500])
def test_a_code_that_cannot_be_read_is_said_as_the_scan_page_says_it(app: Flask, text: str) -> None:
    with pytest.raises(codes.CodeError) as wrong:
        codes.read(text)
    item = refuse(Reason.UNREADABLE, what=wrong.value)
    for language in LANGUAGES:
        with spoken(app, language):
            why, advice = words.unreadable(wrong.value.reason)
            assert reasons.say(item, app.extensions["door"].protocol).startswith(f"{why} {advice} (")


def test_a_record_that_lacks_a_fact_is_shown_with_those_it_has(app: Flask) -> None:
    assert said(app, "fr", refuse(Reason.STATE, code=BAG)).startswith("{code} : {found}")
    assert "TBXK-JHRE-NPUD" in said(app, "fr", refuse(Reason.STATE, code=BAG))


def test_roles_are_said_alike_by_pages_and_rules() -> None:
    """In messages of the terminal too: no `icu_nurse`."""
    assert {role: in_words(role) for role in words.ROLES} == {
        role: said.removeprefix("trial ") for role, said in words.ROLES.items()
    }
    told = refuse(Reason.ROLE, role="icu_nurse", allowed="cell_technician, responsible_person")
    assert told.text == "Your role (ICU nurse) may not do this. Allowed: cell technician, responsible person."
    assert told.facts["role"] == "icu_nurse", "as it is on record"
