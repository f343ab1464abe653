"""Standard base64 (RFC 4648, section 4) with one spelling only.

Python's decoder forgives stray bits behind the last byte, so that two texts give the same bytes; a
signed record must have one. Hence: decode, encode again, compare.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode


def encode64(data: bytes) -> str:
    """Give the padded base64 of some bytes."""
    return b64encode(data).decode("ascii")


def decode64(text: str) -> bytes:
    """Give the bytes of a canonical, padded base64 text; raise `ValueError` for any other text."""
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as wrong:
        message = f"expected base64, found {text[:40]!r}"
        raise ValueError(message) from wrong
    if encode64(data) != text:
        message = f"expected canonical base64 {encode64(data)[-8:]!r} at the end, found {text[-8:]!r}"
        raise ValueError(message)
    return data
