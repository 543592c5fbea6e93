"""Text as it comes out of spreadsheets, made comparable."""

import re
import unicodedata

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BLANKS = re.compile(r"[\s\u00a0\u202f]+")


def clean_text(text: str) -> str:
    """NFC, no invisible or control characters, every run of blanks (no-break ones too) one space, trimmed."""
    visible = CONTROL.sub("", unicodedata.normalize("NFC", text).translate(INVISIBLE))
    return BLANKS.sub(" ", visible).strip()


def normalise_sku(text: str) -> str:
    """The SKU as stored and compared: clean text, letters as written. A SKU is text; zeros in front stay."""
    return clean_text(text)
