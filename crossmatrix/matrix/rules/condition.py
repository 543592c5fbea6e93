"""Which companions fit which mains: comparisons over attributes.

    main.connector = companion.connector and main.model in companion.fits

A side is "main" or "companion" (основной, спутник); after the point stands the name of an attribute, in quotes when it
has spaces, or brand, sku, price. Comparisons: = != < <= > >= and "in" (в), joined by "and" (и). Texts are compared
without regard to case and spaces; of "65 W" a comparison of size takes the number. A product that lacks an attribute
neither fits nor contradicts: it is unknown.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crossmatrix.lib.errors import N_, Refusal

SIDES = {"main": "main", "основной": "main", "companion": "companion", "спутник": "companion"}
JOINS = {"and", "и"}
IN = {"in", "в"}
SIZES: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
TOKEN = re.compile(r"""\s*(?:"([^"]*)"|«([^»]*)»|(!=|<=|>=|=|<|>)|(\.)|([^\s=<>!."«»]+))""")
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
APART = re.compile(r"\s*[,;|/]\s*")


class BadCondition(Refusal):
    code = "condition.invalid"
    sentence = N_("The condition cannot be read at “%(word)s”: begin each comparison with main.… or companion.….")


class NoComparison(BadCondition):
    sentence = N_("After “%(word)s” a comparison is missing: =, !=, <, <=, >, >= or in.")


class NoValue(BadCondition):
    sentence = N_("After “%(word)s” a value is missing: companion.…, main.…, a number or a “text in quotes”.")


class NoName(BadCondition):
    sentence = N_("After “%(word)s.” the name of an attribute is missing; put names with spaces into quotes.")


class NotJoined(BadCondition):
    sentence = N_("“%(word)s” is too much: join comparisons with “and”.")


@dataclass(frozen=True)
class Ref:
    """An attribute of one side."""

    side: str  # "main" or "companion"
    name: str


@dataclass(frozen=True)
class Clause:
    left: Ref
    sign: str  # = != < <= > >= in
    right: Ref | str


@dataclass(frozen=True)
class Goods:
    """A product as a condition sees it."""

    id: int
    values: Mapping[str, Any]  # by normalised name: attributes, and brand, sku, price where no attribute has the name


Condition = tuple[Clause, ...]


def goods(pk: int, attributes: Mapping[str, Any], **fields: Any) -> Goods:
    """A product with its attributes and own fields; an attribute of the same name counts more."""
    own = {name: value for name, value in fields.items() if value not in (None, "")}
    return Goods(pk, own | {normal(name): value for name, value in attributes.items() if value not in (None, "", [])})


def normal(text: Any) -> str:
    return " ".join(str(text).casefold().replace("ё", "е").split())


@lru_cache(maxsize=512)
def parse(text: str) -> Condition:
    """The comparisons of a condition; "" has none. Raises BadCondition, with the word where reading stopped."""
    words = [(word, quoted) for word, quoted in _words(text) if quoted or word.strip()]
    clauses: list[Clause] = []
    place = 0
    while place < len(words):
        if clauses:
            word, quoted = words[place]
            if quoted or word.casefold() not in JOINS:
                raise NotJoined(word=word)
            place += 1
        clause, place = _clause(words, place)
        clauses.append(clause)
    return tuple(clauses)


Words = Sequence[tuple[str, bool]]  # the word, and whether it stood in quotes


def _words(text: str) -> Iterable[tuple[str, bool]]:
    place, text = 0, text.rstrip()
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise BadCondition(word=text[place:].strip()[:20])
        plain = found[3] or found[4] or found[5]
        yield (plain, False) if plain else (found[1] if found[1] is not None else found[2], True)
        place = found.end()


def _clause(words: Words, place: int) -> tuple[Clause, int]:
    left, place = _side(words, place)
    before = left.name
    if place >= len(words):
        raise NoComparison(word=before)
    sign, quoted = words[place]
    known = "in" if sign.casefold() in IN else sign
    if quoted or known not in {"=", "!=", "in", *SIZES}:
        raise NoComparison(word=before)
    place += 1
    if place >= len(words) or _is_join(words[place]):
        raise NoValue(word=sign)
    word, quoted = words[place]
    if not quoted and word.casefold() in SIDES and place + 1 < len(words) and words[place + 1] == (".", False):
        right, place = _side(words, place)
        return Clause(left, known, right), place
    number = [word]
    while not quoted and place + 2 < len(words) and words[place + 1] == (".", False) and word.isdigit():
        number += [".", words[place + 2][0]]  # 1.5 was cut at its point
        place += 2
        word = ""
    return Clause(left, known, "".join(number)), place + 1


def _is_join(word: tuple[str, bool]) -> bool:
    return not word[1] and word[0].casefold() in JOINS


def _side(words: Words, place: int) -> tuple[Ref, int]:
    word, quoted = words[place] if place < len(words) else ("…", False)
    side = None if quoted else SIDES.get(word.casefold())
    if side is None or place + 1 >= len(words) or words[place + 1] != (".", False):
        raise BadCondition(word=word)
    if place + 2 >= len(words) or words[place + 2][0] in (".", "=", "!=", *SIZES):
        raise NoName(word=word)
    return Ref(side, normal(words[place + 2][0])), place + 3


@dataclass(frozen=True)
class Fit:
    """Whether a companion fits; None when an attribute is missing. `why`: the clause that said no, or is unknown."""

    fits: bool | None
    why: Clause | None = None


def judge_fit(condition: Condition, main: Goods, companion: Goods) -> Fit:
    """The first contradiction decides; without one, a missing attribute makes it unknown."""
    unknown = None
    for clause in condition:
        held = _holds(clause, main, companion)
        if held is False:
            return Fit(fits=False, why=clause)
        if held is None and unknown is None:
            unknown = clause
    return Fit(fits=None, why=unknown) if unknown else Fit(fits=True)


def _holds(clause: Clause, main: Goods, companion: Goods) -> bool | None:
    sides = {"main": main, "companion": companion}
    left = sides[clause.left.side].values.get(clause.left.name)
    right = sides[clause.right.side].values.get(clause.right.name) if isinstance(clause.right, Ref) else clause.right
    if left is None or right is None:
        return None
    if clause.sign in SIZES:
        a, b = number_of(left), number_of(right)
        return None if a is None or b is None else SIZES[clause.sign](a, b)
    if clause.sign == "in":
        return bool(_items(left) & _items(right))
    same = bool(_wholes(left) & _wholes(right))
    return same if clause.sign == "=" else not same


def number_of(value: Any) -> Decimal | None:
    found = NUMBER.search(str(value).replace("\N{NO-BREAK SPACE}", "").replace("\N{NARROW NO-BREAK SPACE}", ""))
    return Decimal(found[0].replace(",", ".")) if found else None


def _wholes(value: Any) -> frozenset[str]:
    return frozenset(normal(one) for one in (value if isinstance(value, list | tuple) else [value]))


def _items(value: Any) -> frozenset[str]:
    """The values of a list, or of a text that names several: "PS4, PS5"."""
    return frozenset(
        normal(part)
        for one in (value if isinstance(value, list | tuple) else [value])
        for part in APART.split(str(one))
        if part
    )


def fitting(condition: Condition, mains: Sequence[Goods], companions: Sequence[Goods]) -> dict[int, list[int]]:
    """Main id → ids of the companions that fit, in the order given; mains nothing fits are left out.

    A clause that compares the sides for equality is looked up, so that 10,000 × 1,000 products take a moment."""
    lookup = next(((one.sign, *sides) for one in condition if (sides := _crossing(one))), None)
    shelves: dict[str, list[int]] = {}
    if lookup is not None:
        sign, far, near = lookup
        keys = _wholes if sign == "=" else _items
        for place, one in enumerate(companions):
            for key in keys(one.values[near]) if near in one.values else ():
                shelves.setdefault(key, []).append(place)
    found: dict[int, list[int]] = {}
    for main in mains:
        places: Iterable[int] = range(len(companions))
        if lookup is not None:
            values = keys(main.values[far]) if far in main.values else ()
            places = sorted({place for key in values for place in shelves.get(key, ())})
        hits = [
            companions[place].id
            for place in places
            if companions[place].id != main.id and judge_fit(condition, main, companions[place]).fits
        ]
        if hits:
            found[main.id] = hits
    return found


def _crossing(clause: Clause) -> tuple[str, str] | None:
    """(name at the main, name at the companion) of an equality between the sides."""
    if clause.sign not in ("=", "in") or not isinstance(clause.right, Ref) or clause.right.side == clause.left.side:
        return None
    names = {clause.left.side: clause.left.name, clause.right.side: clause.right.name}
    return names["main"], names["companion"]


def names_of(condition: Condition, side: str) -> list[str]:
    """The attributes of one side that the condition asks for."""
    refs = [ref for clause in condition for ref in (clause.left, clause.right) if isinstance(ref, Ref)]
    return list(dict.fromkeys(ref.name for ref in refs if ref.side == side))


def told(clause: Clause, main: Goods, companion: Goods) -> str:
    """A clause with the values of both products: "connector: USB-C = USB-C"."""
    sides = {"main": main, "companion": companion}

    def value(of: Ref | str) -> str:
        found = sides[of.side].values.get(of.name) if isinstance(of, Ref) else of
        return "—" if found is None else ", ".join(map(str, found)) if isinstance(found, list | tuple) else str(found)

    return f"{clause.left.name}: {value(clause.left)} {clause.sign} {value(clause.right)}"
