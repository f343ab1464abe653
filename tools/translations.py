"""Collect every text that a page can show, and bring `custody/translations/fr.po` up to date with them.

A text is shown when it stands in `_()` or `N_()`, in Python or in a template, or when it is the sentence of a
reason. Texts without French are left empty, which the tests refuse; texts that nobody shows any more go.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from custody.chain.refusals import Reason

ROOT = Path(__file__).resolve().parent.parent
FRENCH = ROOT / "custody" / "translations" / "fr.po"
DATED = ('"POT-', '"PO-', '"Generated', '"Report', '"Last', '"Language-Team', '"Project')
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def shown() -> Iterator[tuple[str, str]]:
    """Yield (text, where it stands) of every text that a page can show."""
    for folder, methods, options in (
        (ROOT / "custody", [("**.py", "python")], {}),
        (ROOT / "templates", [("**.html", "jinja2")], {"**.html": {"trimmed": "true", "silent": "false"}}),
    ):
        found = extract_from_dir(str(folder), methods, options, keywords=KEYWORDS)
        for file, _line, text, _comments, _context in found:
            for one in text if isinstance(text, tuple) else (text,):
                yield one, f"{folder.name}/{file}"
    for reason in Reason:
        yield reason.sentence, "custody/chain/refusals.py"


def catalogue() -> Catalog:
    """Read the French as it stands."""
    if not FRENCH.exists():
        return Catalog(locale="fr")
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def main() -> int:
    """Write the catalogue anew: sorted, without dates, so that a change shows only what changed."""
    old, new = catalogue(), Catalog(locale="fr", project="custody", fuzzy=False)
    new.header_comment = "# French. English is the source. Kept by tools/translations.py."
    for text in sorted({text for text, _ in shown()}):
        known = old.get(text)
        new.add(text, string=known.string if known else "")
    FRENCH.parent.mkdir(exist_ok=True)
    with FRENCH.open("wb") as file:
        write_po(file, new, sort_output=True, omit_header=False, width=120)
    lines = [line for line in FRENCH.read_text().splitlines() if not line.startswith(DATED)]
    FRENCH.write_text("\n".join(lines) + "\n")
    missing = sum(1 for message in new if message.id and not message.string)
    print(f"{len(new)} texts, {missing} without French")
    return 0


if __name__ == "__main__":
    sys.exit(main())
