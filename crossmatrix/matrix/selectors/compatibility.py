"""What the conditions of slots say about concrete products."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from crossmatrix.catalog.models import Product
from crossmatrix.matrix.models import Slot
from crossmatrix.matrix.rules import Verdict, ancestors
from crossmatrix.matrix.rules.condition import BadCondition, Condition, Goods, goods, judge_fit, parse, told

Key = tuple[int, int]  # (main id, companion id)
FIELDS = ("pk", "attributes", "brand", "sku", "price", "name")


def goods_of(ids: Collection[int]) -> dict[int, Goods]:
    """Products as conditions see them."""
    return {row[0]: as_goods(*row) for row in Product.objects.filter(pk__in=ids).values_list(*FIELDS)}


def goods_below(path: str, limit: int | None = None) -> list[Goods]:
    """The active products of a category subtree by SKU."""
    rows = Product.objects.filter(category__path__startswith=path, status="active").order_by("sku").values_list(*FIELDS)
    return [as_goods(*row) for row in (rows[:limit] if limit else rows)]


def as_goods(pk: int, attributes: Mapping[str, object], brand: str, sku: str, price: object, name: str) -> Goods:
    return goods(pk, attributes or {}, brand=brand, sku=sku, price=price, name=name)


@dataclass(frozen=True)
class Contradiction:
    """What stands against a pair: the values that do not go together, and the slot's condition."""

    values: str
    condition: str


class Compatibility:
    """The conditions of all suitable slots, read once. Without any, nothing else is read."""

    def __init__(self) -> None:
        self.texts: dict[tuple[int, int], str] = {
            (main, companion): text
            for main, companion, text in Slot.objects.filter(verdict=Verdict.SUITABLE)
            .exclude(condition="")
            .values_list("main_category_id", "companion_category_id", "condition")
        }

    def condition_of(self, main_path: str, companion_path: str) -> str:
        """The condition of the nearest slot that has one: deepest category of the main, then of the companion."""
        if not self.texts:
            return ""
        lowers = ancestors(companion_path)[::-1]
        for upper in ancestors(main_path)[::-1]:
            for lower in lowers:
                if (upper, lower) in self.texts:
                    return self.texts[upper, lower]
        return ""

    def contradictions(self, keys: Iterable[Key], paths: Mapping[int, str]) -> dict[Key, Contradiction]:
        """The pairs that a condition speaks against; `paths`: product id → path of its category. Missing attributes
        speak neither for nor against."""
        bound = {key: text for key in keys if (text := self.condition_of(paths.get(key[0], ""), paths.get(key[1], "")))}
        if not bound:
            return {}
        products = goods_of({pk for key in bound for pk in key})
        found = {}
        for (main, companion), text in bound.items():
            if main not in products or companion not in products:
                continue
            fit = judge_fit(readable(text), products[main], products[companion])
            if fit.fits is False and fit.why is not None:
                found[main, companion] = Contradiction(told(fit.why, products[main], products[companion]), text)
        return found


def readable(text: str) -> Condition:
    """A stored condition; one that an older version wrote and this one cannot read asks for nothing."""
    try:
        return parse(text)
    except BadCondition:
        return ()
