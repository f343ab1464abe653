"""The root of the exceptions of `custody.ledger`."""

from __future__ import annotations


class LedgerError(ValueError):
    """Bytes, a text or a proof that is not what it should be; the message says expected and found."""
