"""What stands against a pair on offer today: types that do not go together, attributes that do not fit."""

from crossmatrix.catalog.models import Product
from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.matrix.rules import Verdict, ancestors, blocked_by_type
from crossmatrix.matrix.rules.condition import BadCondition, Condition, Goods, judge_fit, parse, told
from crossmatrix.matrix.selectors.compatibility import as_goods
from crossmatrix.matrix.selectors.slots import unsuitable_types

TYPES, ATTRIBUTES = "types", "attributes"


class Bans:
    """Read once, asked for many pairs."""

    def __init__(self) -> None:
        self.unsuitable = unsuitable_types()
        self.conditions: dict[tuple[int, int], Condition] = {}
        rows = Slot.objects.filter(verdict=Verdict.SUITABLE).exclude(condition="")
        for main, companion, text in rows.values_list("main_category_id", "companion_category_id", "condition"):
            try:
                self.conditions[main, companion] = parse(text)
            except BadCondition:  # refused when written; one that got in another way bans nothing
                continue

    def against(self, pair: Pair) -> tuple[str, str] | None:
        """Who says no (types or attributes) and why; None when nothing does. What is not known bans nothing."""
        main_path = pair.main.category.path if pair.main.category else ""
        companion_path = pair.companion.category.path if pair.companion.category else ""
        why = blocked_by_type(main_path=main_path, companion_path=companion_path, unsuitable=self.unsuitable)
        if why is not None:
            return TYPES, why
        condition = self._nearest(main_path, companion_path)
        if condition is None:
            return None
        main, companion = _goods(pair.main), _goods(pair.companion)
        fit = judge_fit(condition, main, companion)
        if fit.fits is not False or fit.why is None:
            return None
        return ATTRIBUTES, told(fit.why, main, companion)

    def _nearest(self, main_path: str, companion_path: str) -> Condition | None:
        if not self.conditions:
            return None
        for upper in ancestors(main_path)[::-1]:
            for lower in ancestors(companion_path)[::-1]:
                if (upper, lower) in self.conditions:
                    return self.conditions[upper, lower]
        return None


def _goods(product: Product) -> Goods:
    return as_goods(product.pk, product.attributes, product.brand, product.sku, product.price, product.name)
