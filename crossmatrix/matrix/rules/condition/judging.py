"""Whether a companion fits a main by a condition, and which companions fit which mains."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crossmatrix.matrix.rules.condition.reading import Clause, Condition, Ref, Way, clauses_of, normal

SIZES: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
NUMBER = re.compile(r"-?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?(?!\d)")
APART = re.compile(r"\s*[,;|/]\s*")
OWN = {"бренд": "brand", "цена": "price", "артикул": "sku", "название": "name", "наименование": "name"}
BOTH_WAYS = {True: ("да", "yes", "true", "есть"), False: ("нет", "no", "false")}


@dataclass(frozen=True)
class Goods:
    """A product as a condition sees it."""

    id: int
    values: Mapping[str, Any]  # by normalised name: attributes, and brand, sku, price, name where no attribute has it

    def get(self, name: str) -> Any:
        return self.values.get(name, self.values.get(OWN.get(name, "")))


def goods(pk: int, attributes: Mapping[str, Any], **fields: Any) -> Goods:
    """A product with its attributes and own fields; an attribute of the same name counts more."""
    own = {name: value for name, value in fields.items() if value not in (None, "")}
    return Goods(pk, own | {normal(name): value for name, value in attributes.items() if value not in (None, "", [])})


@dataclass(frozen=True)
class Fit:
    """Whether a companion fits; None when an attribute is missing. `why`: the clause that said no, or is unknown."""

    fits: bool | None
    why: Clause | None = None


def judge_fit(condition: Condition, main: Goods, companion: Goods) -> Fit:
    """One way that holds is enough; without one, a missing attribute of any way makes it unknown."""
    found = [_judge_way(way, main, companion) for way in condition]
    for fits in (True, None, False):
        for fit in found:
            if fit.fits is fits:
                return fit
    return Fit(fits=True)


def _judge_way(way: Way, main: Goods, companion: Goods) -> Fit:
    """The first contradiction decides; without one, a missing attribute makes it unknown."""
    unknown = None
    for clause in way:
        holds = _holds(clause, main, companion)
        if holds is False:
            return Fit(fits=False, why=clause)
        if holds is None and unknown is None:
            unknown = clause
    return Fit(fits=None, why=unknown) if unknown else Fit(fits=True)


def held(condition: Condition, main: Goods, companion: Goods) -> Way:
    """The comparisons of the first way that holds; none when no way does."""
    return next((way for way in condition if _judge_way(way, main, companion).fits), ())


def _holds(clause: Clause, main: Goods, companion: Goods) -> bool | None:
    sides = {"main": main, "companion": companion}
    left = sides[clause.left.side].get(clause.left.name)
    right = sides[clause.right.side].get(clause.right.name) if isinstance(clause.right, Ref) else clause.right
    if left is None or right is None:
        return None
    if clause.sign in SIZES:
        a, b = number_of(left), number_of(right)
        return None if a is None or b is None else SIZES[clause.sign](a, b)
    if clause.sign == "contains":
        return _contains(left, right)
    if clause.sign in ("in", "not in"):
        return bool(_items(left) & _items(right)) is (clause.sign == "in")
    return (bool(_wholes(left) & _wholes(right)) or _same_number(clause, left)) is (clause.sign == "=")


def _same_number(clause: Clause, left: Any) -> bool:
    """ "main.diagonal = 55" holds for "55 inches" too: of a text a bare number is compared with its number."""
    bare = isinstance(clause.right, str) and NUMBER.fullmatch(clause.right)
    return bool(bare) and any(number_of(one) == number_of(clause.right) for one in _each(left))


def _contains(left: Any, right: Any) -> bool:
    """Whether one of the right values stands in a left one as whole words: "Cable for PS5" contains "PS5", not "PS"."""
    wholes = [whole for whole in _wholes(right) if whole]
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for text in _wholes(left) for one in wholes)


def number_of(value: Any) -> Decimal | None:
    found = NUMBER.search(str(value))
    return Decimal(re.sub(r"[ \u00a0\u202f]", "", found[0]).replace(",", ".")) if found else None


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _wholes(value: Any) -> frozenset[str]:
    return frozenset(
        word for one in _each(value) for word in (BOTH_WAYS[one] if isinstance(one, bool) else (normal(one),))
    )


def _items(value: Any) -> frozenset[str]:
    """The values of a list, or of a text that names several: "PS4, PS5"."""
    return frozenset(normal(part) for one in _each(value) for part in APART.split(str(one)) if part)


def fitting(condition: Condition, mains: Sequence[Goods], companions: Sequence[Goods]) -> dict[int, list[int]]:
    """Main id → ids of the companions that fit, in the order given; mains nothing fits are left out.

    A clause that compares the sides for equality is looked up, so that 10,000 × 1,000 products take a moment."""
    shelves = [_Shelf(way, companions) for way in condition or ((),)]
    found: dict[int, list[int]] = {}
    for main in mains:
        places = {place for shelf in shelves for place in shelf.places(main)}
        hits = [companions[place].id for place in sorted(places) if companions[place].id != main.id]
        if hits:
            found[main.id] = hits
    return found


class _Shelf:
    """The companions by what one way of a condition looks them up by."""

    def __init__(self, way: Way, companions: Sequence[Goods]) -> None:
        self.way, self.companions = way, companions
        crossing = next(((one.sign, *sides) for one in way if (sides := _crossing(one))), None)
        self.far: str | None = None
        self.by_key: dict[str, list[int]] = {}
        if crossing is None:
            return
        sign, self.far, near = crossing
        self.keys = _wholes if sign == "=" else _items
        for place, one in enumerate(companions):
            value = one.get(near)
            for key in self.keys(value) if value is not None else ():
                self.by_key.setdefault(key, []).append(place)

    def places(self, main: Goods) -> Iterable[int]:
        near: Iterable[int] = range(len(self.companions))
        if self.far is not None:
            value = main.get(self.far)
            keys = self.keys(value) if value is not None else ()
            near = {place for key in keys for place in self.by_key.get(key, ())}
        return (place for place in near if _judge_way(self.way, main, self.companions[place]).fits)


def _crossing(clause: Clause) -> tuple[str, str] | None:
    """(name at the main, name at the companion) of an equality between the sides."""
    if clause.sign not in ("=", "in") or not isinstance(clause.right, Ref) or clause.right.side == clause.left.side:
        return None
    names = {clause.left.side: clause.left.name, clause.right.side: clause.right.name}
    return names["main"], names["companion"]


def names_of(condition: Condition, side: str) -> list[str]:
    """The attributes of one side that the condition asks for."""
    refs = [ref for clause in clauses_of(condition) for ref in (clause.left, clause.right) if isinstance(ref, Ref)]
    return list(dict.fromkeys(ref.name for ref in refs if ref.side == side))


def told(clause: Clause, main: Goods, companion: Goods) -> str:
    """A clause with the values of both products: "connector: USB-C = USB-C"."""
    sides = {"main": main, "companion": companion}

    def value(of: Ref | str) -> str:
        found = sides[of.side].get(of.name) if isinstance(of, Ref) else of
        return "—" if found is None else ", ".join(map(str, _each(found)))

    return f"{clause.left.name}: {value(clause.left)} {clause.said or clause.sign} {value(clause.right)}"
