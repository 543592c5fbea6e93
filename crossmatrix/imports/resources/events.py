"""Columns of a file of shop events: one row per day, main product, companion and place."""

from crossmatrix.imports.resources.base import Column, DeclaredResource, ParsedWidget
from crossmatrix.imports.resources.links import PLACEMENT_WORDS
from crossmatrix.insights.models import Exposure
from crossmatrix.lib.errors import N_


class ExposureResource(DeclaredResource):
    day = Column(
        "day", N_("Day"), ParsedWidget("date", "date", "date"), required=True, example="22.11.2026",
        aliases="дата|день|дата показа|дата отчета|дата события|period|day|date|event date|report date",
    )  # fmt: skip
    main = Column(
        "main", N_("Main product"), ParsedWidget("code", "text", "code", limit=64), required=True, example="000123",
        aliases="основной|основной товар|артикул основного товара|артикул основного|товар|артикул|артикул товара|sku|main|main sku|product id|товар карточки|просматриваемый товар|viewed sku|page sku",
    )  # fmt: skip
    companion = Column(
        "companion", N_("Companion"), ParsedWidget("code", "text", "code", limit=64), required=True, example="000456",
        aliases="спутник|артикул спутника|рекомендация|артикул рекомендации|сопутствующий товар|рекомендуемый товар|предложенный товар|артикул сопутствующего|companion|companion sku|recommended sku|recommended product|offered sku|target",
    )  # fmt: skip
    shown = Column(
        "shown", N_("Shown"), ParsedWidget("whole", "integer", "number", low=0), required=True, example="480",
        aliases="показы|показов|показано|показали|показы блока|показы рекомендации|просмотры|просмотры блока|видели|сеансы с показом|shown|impressions|views|exposures|sessions shown|block views",
    )  # fmt: skip
    bought = Column(
        "bought", N_("Bought"), ParsedWidget("whole", "integer", "number", low=0), required=True, example="35",
        aliases="купили|куплено|покупки|покупок|заказали|заказано|заказы|заказов|bought|purchases|orders|ordered|conversions|purchased",
    )  # fmt: skip
    clicked = Column(
        "clicked", N_("Clicked"), ParsedWidget("whole", "integer", "number", low=0), example="96",
        aliases="клики|кликов|нажали|переходы|переходов|clicked|clicks|click throughs",
    )  # fmt: skip
    added = Column(
        "added", N_("Put into the cart"), ParsedWidget("whole", "integer", "number", low=0), example="51",
        aliases="в корзину|положили в корзину|добавили|добавлено|добавлено в корзину|добавления в корзину|added|added to cart|add to cart|cart adds",
    )  # fmt: skip
    returned = Column(
        "returned", N_("Came back"), ParsedWidget("whole", "integer", "number", low=0), example="2",
        aliases="вернули|возвраты|возвратов|возвращено|returned|returns|refunds|refunded",
    )  # fmt: skip
    in_stock = Column(
        "in_stock", N_("Companion in stock"), ParsedWidget("flag", "boolean", "flag"), example="да",
        aliases="в наличии|наличие|наличие спутника|спутник в наличии|in stock|companion in stock|available|availability",
    )  # fmt: skip
    placement = Column(
        "placement", N_("Placement"), ParsedWidget("choice", "text", "", words=PLACEMENT_WORDS), example="карточка",
        aliases="место показа|место|где показано|размещение|блок|placement|position|slot|block",
    )  # fmt: skip
    channel = Column(
        "channel", N_("Channel"), ParsedWidget("text", "text", "word", limit=60), example="сайт",
        aliases="канал|витрина|площадка|источник|сайт|channel|storefront|site|source",
    )  # fmt: skip
    variant = Column(
        "variant", N_("Variant of the experiment"), ParsedWidget("text", "text", "", limit=60), example="A",
        aliases="вариант|вариант эксперимента|группа|эксперимент|вариант теста|variant|experiment|test group|arm",
    )  # fmt: skip

    class Meta:
        model = Exposure
        import_id_fields = ("day", "main", "companion", "channel", "placement", "variant")
        fields = (
            "day", "main", "companion", "shown", "bought", "clicked", "added", "returned", "in_stock", "placement",
            "channel", "variant",
        )  # fmt: skip
