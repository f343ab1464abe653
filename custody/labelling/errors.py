"""What can go wrong between a design, its fields and the printed label."""


class LabelError(ValueError):
    """A label that is not handed out; the message says what, where and what is expected."""


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
