"""Columns of a matrix file: one row per link."""

from crossmatrix.imports.resources.base import Column, DeclaredResource, ParsedWidget
from crossmatrix.imports.resources.columns import calendar_day, choice, code, text, whole
from crossmatrix.lib.errors import N_
from crossmatrix.matrix.models import PairRevision
from crossmatrix.matrix.rules import Placement, ReasonKind

KIND_WORDS = {
    **{kind.value: kind.value for kind in ReasonKind},
    "нужен для работы": "required", "обязательный": "required", "обязательно": "required", "необходим": "required",
    "сопутствующий": "accessory", "аксессуар": "accessory", "сопутствующие": "accessory", "по тематике": "theme",
    "тематика": "theme", "тематический": "theme", "сезонный": "seasonal", "сезон": "seasonal", "популярный": "popular",
    "хит": "popular", "импульсный": "impulse", "импульс": "impulse",
}  # fmt: skip
VERDICT_WORDS = {
    "suitable": "suitable", "not_suitable": "not_suitable", "not suitable": "not_suitable", "undecided": "undecided",
    "подходит": "suitable", "да": "suitable", "+": "suitable", "yes": "suitable", "1": "suitable",
    "не подходит": "not_suitable", "нельзя": "not_suitable", "нет": "not_suitable", "no": "not_suitable",
    "0": "not_suitable", "несовместим": "not_suitable", "unsuitable": "not_suitable", "не решено": "undecided",
}  # fmt: skip
PLACEMENT_WORDS = {
    **{placement.value: placement.value for placement in Placement},
    "карточка": "product_page", "карточка товара": "product_page", "страница товара": "product_page",
    "product page": "product_page", "корзина": "cart", "оформление": "checkout", "оформление заказа": "checkout",
    "касса": "checkout", "после покупки": "after_purchase", "after purchase": "after_purchase", "письмо": "after_purchase",
    "магазин": "store", "зал": "store",
}  # fmt: skip


class LinkResource(DeclaredResource):
    main = code(
        "main", N_("Main product"), limit=1000, required=True, example="000123",
        aliases="основной|основной товар|артикул основного товара|артикул основного|товар|артикул|артикул товара|sku|main|main sku|product id|source|исходный товар|product sku|основная категория|категория",
    )  # fmt: skip
    companion = code(
        "companion", N_("Companion"), limit=1000, required=True, example="000456",
        aliases="спутник|артикул спутника|рекомендация|артикул рекомендации|сопутствующий товар|рекомендуемый товар|аксессуар|связанный товар|target|companion|companion sku|related product|related sku|с этим покупают|дополняющий товар|предлагаемый товар|артикул сопутствующего|cross sells|crosssell skus|похожие товары|сопутствующие товары|рекомендации|upsells|related skus|список рекомендаций|спутники|категория спутника",
    )  # fmt: skip
    reason = text(
        "reason", N_("Reason"), example="Нужен для подключения", width=40,
        aliases="причина|обоснование|почему|reason|зачем|комментарий|примечание|comment|note|аргумент",
    )  # fmt: skip
    kind = choice(
        "kind", N_("Kind of link"), KIND_WORDS, example="сопутствующий",
        aliases="вид связи|тип связи|вид|relation|link type|тип рекомендации|relation type|kind|reason kind",
    )  # fmt: skip
    rank = whole(
        "rank", N_("Rank"), low=1, example="1",
        aliases="ранг|порядок|позиция|приоритет|rank|position|место|сортировка|sort order|номер по порядку",
    )  # fmt: skip
    offer_text = text(
        "offer_text", N_("Offer text"), example="Не забудьте кабель", width=40,
        aliases="текст предложения|предложение|фраза|текст для покупателя|offer text|offer|слоган",
    )  # fmt: skip
    placements = Column(
        "placements", N_("Placements"), ParsedWidget("words", "text[]", "", words=PLACEMENT_WORDS), example="карточка; корзина",
        width=24, aliases="места показа|место показа|где показывать|placement|placements|размещение",
    )  # fmt: skip
    valid_from = calendar_day(
        "valid_from", N_("From"), example="01.12.2026",
        aliases="с|начало|дата начала|действует с|from|valid from|start|start date|срок с",
    )  # fmt: skip
    valid_to = calendar_day(
        "valid_to", N_("To"), example="31.12.2026",
        aliases="по|конец|дата окончания|действует по|to|valid to|end|end date|срок по",
    )  # fmt: skip
    verdict = choice(
        "verdict", N_("Verdict"), VERDICT_WORDS, example="подходит",
        aliases="решение|вердикт|verdict|подходит|утверждено|одобрено|approved|согласовано",
    )  # fmt: skip
    verdict_reason = text(
        "verdict_reason", N_("Why not suitable"), width=40,
        aliases="почему не подходит|причина отказа|why not suitable|why not|verdict reason",
    )  # fmt: skip

    class Meta:
        model = PairRevision
        import_id_fields = ("main", "companion")
        fields = (
            "main", "companion", "reason", "kind", "rank", "offer_text", "placements", "valid_from", "valid_to",
            "verdict", "verdict_reason",
        )  # fmt: skip
