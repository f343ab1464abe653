"""What can go wrong between a design, its fields and the printed label.

Each has an English sentence, the source string of its translations, and the facts that fill it.
"""

from __future__ import annotations

from custody.chain.step import N_

__all__ = [
    "N_",
    "DesignError",
    "FieldError",
    "LabelError",
    "LabelOverflow",
    "NotAnImage",
    "SymbolUnreadable",
    "UnknownDesign",
]


class LabelError(ValueError):
    """A label that is not handed out: what, where and what is expected; `str` gives it in English."""

    def __init__(self, sentence: str, **facts: object) -> None:
        """Take the sentence, and the facts for its `%(names)s`."""
        self.sentence = sentence
        self.facts = facts
        super().__init__(sentence % facts)


class UnknownDesign(LabelError):
    """No file of `labels/` has this name."""


class DesignError(LabelError):
    """A design file that does not describe a label."""


class FieldError(LabelError):
    """A field that is missing, empty, of the wrong form, or not printable with the font."""


class LabelOverflow(LabelError):
    """A text larger than its box. It is refused: a cut text is a wrong text."""


class SymbolUnreadable(LabelError):
    """A symbol that, read back from the rendered page, does not say what was meant."""


class NotAnImage(LabelError):
    """A picture that cannot be read as one, or is too large."""
