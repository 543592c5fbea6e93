"""Refusals as sentences in the reader's language."""

from django.utils.translation import gettext

from crossmatrix.lib.errors import Refusal


def sentence(refusal: Refusal) -> str:
    """The refusal's sentence, translated, then filled with its values."""
    text = gettext(refusal.sentence)
    return text % refusal.values if refusal.values else text
