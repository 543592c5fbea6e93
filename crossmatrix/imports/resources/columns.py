"""The sorts of column that files have: how each is parsed, staged and recognised. A declaration adds name, title, words."""

from collections.abc import Mapping
from typing import Any

from crossmatrix.imports.resources.base import Column, ParsedWidget


def code(attribute: str, title: str, *, limit: int = 64, **facts: Any) -> Column:
    """An article code or a number that is only a name."""
    return Column(attribute, title, ParsedWidget("code", "text", "code", limit=limit), **facts)


def text(attribute: str, title: str, *, limit: int = 500, sniff: str = "text", **facts: Any) -> Column:
    """Free text; `sniff` says what its values look like when the header says nothing ("" never guesses)."""
    return Column(attribute, title, ParsedWidget("text", "text", sniff, limit=limit), **facts)


def choice(attribute: str, title: str, words: Mapping[str, str], *, sniff: str = "", **facts: Any) -> Column:
    """One of a list; `words` maps what people write to what is stored."""
    return Column(attribute, title, ParsedWidget("choice", "text", sniff, words=words), **facts)


def money(attribute: str, title: str, *, digits: int = 12, **facts: Any) -> Column:
    """An amount with two digits after the point, `digits` in all."""
    return Column(attribute, title, ParsedWidget("money", f"numeric({digits},2)", "number"), **facts)


def whole(attribute: str, title: str, *, low: int, **facts: Any) -> Column:
    """A whole number of at least `low`."""
    return Column(attribute, title, ParsedWidget("whole", "integer", "number", low=low), **facts)


def calendar_day(attribute: str, title: str, **facts: Any) -> Column:
    return Column(attribute, title, ParsedWidget("date", "date", "date"), **facts)
