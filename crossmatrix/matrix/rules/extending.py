"""Which products are like a main, and whether a companion of it fits them by what their attributes say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

APPEARANCE = frozenset({"цвет", "color", "colour", "размер", "size"})  # say nothing about what fits what
NAME = ""  # in the place of an attribute: the name of the product


class Fit(StrEnum):
    FITS = "fits"
    UNKNOWN = "unknown"  # the attributes say nothing about it
    DOES_NOT = "does_not"


@dataclass(frozen=True)
class Item:
    """What the rules need to know of a product."""

    name: str
    brand: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FitVerdict:
    """With the companion's attribute and value that decided; "" when nothing did."""

    fit: Fit
    attribute: str = ""
    value: str = ""


def values_of(value: Any) -> list[str]:
    """An attribute's values: a list, or text cut at commas, semicolons and slashes between spaces."""
    parts = value if isinstance(value, list) else str(value).replace(";", ",").replace(" / ", ",").split(",")
    return [text for part in parts if (text := str(part).strip())]


def folded(value: Any) -> set[str]:
    return {text.casefold() for text in values_of(value)}


def named_by(item: Item, value: str) -> str | None:
    """Where the product carries the value: the attribute's name, NAME for its own name, None for nowhere."""
    word = value.casefold()
    for name, own in item.attributes.items():
        if name.casefold() not in APPEARANCE and word in folded(own):
            return name
    return NAME if len(word) > 2 and f" {word} " in f" {item.name.casefold()} " else None  # "2" stands in any name


def judge_fit(*, main: Item, companion: Item, other: Item) -> FitVerdict:
    """Whether what ties the companion to the main also ties it to the other product.

    Each attribute of the companion that names the main, by one of its attributes or in its name, has to name the
    other product in the same way. A missing attribute is not a contradiction."""
    verdict = FitVerdict(Fit.UNKNOWN)
    for attribute, value in companion.attributes.items():
        if attribute.casefold() in APPEARANCE:
            continue
        ties = [(text, place) for text in values_of(value) if (place := named_by(main, text)) is not None]
        if not ties:
            continue
        answers = [tied(other, values_of(value), place) for _, place in ties]
        if any(answer is True for answer in answers):
            verdict = FitVerdict(Fit.FITS, attribute, ties[0][0])
        elif all(answer is False for answer in answers):
            return FitVerdict(Fit.DOES_NOT, attribute, ties[0][0])
    return verdict


def tied(other: Item, values: list[str], place: str) -> bool | None:
    """Whether the other product carries one of the values in that place; None when it has no such attribute."""
    if place == NAME:
        return any(named_by(other, value) is not None for value in values)
    if place not in other.attributes:
        return None
    return bool(folded(other.attributes[place]) & {value.casefold() for value in values})


def likeness(main: Item, other: Item) -> int:
    """How alike two products of one category are: shared attribute values, and a shared brand counts as three."""
    shared = sum(
        name in other.attributes and bool(folded(value) & folded(other.attributes[name]))
        for name, value in main.attributes.items()
    )
    return shared + 3 * bool(main.brand and main.brand.casefold() == other.brand.casefold())
