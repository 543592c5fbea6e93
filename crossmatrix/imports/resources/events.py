"""Columns of a file of shop events: one row per day, main product, companion and place."""

from crossmatrix.imports.resources.base import Column, DeclaredResource, ParsedWidget
from crossmatrix.imports.resources.columns import calendar_day, choice, code, text, whole
from crossmatrix.imports.resources.links import PLACEMENT_WORDS
from crossmatrix.insights.models import Exposure
from crossmatrix.lib.errors import N_


class ExposureResource(DeclaredResource):
    day = calendar_day(
        "day", N_("Day"), required=True, example="22.11.2026",
        aliases="дата|день|дата показа|дата отчета|дата события|period|day|date|event date|report date",
    )  # fmt: skip
    main = code(
        "main", N_("Main product"), required=True, example="000123",
        aliases="основной|основной товар|артикул основного товара|артикул основного|товар|артикул|артикул товара|sku|main|main sku|product id|товар карточки|просматриваемый товар|viewed sku|page sku",
    )  # fmt: skip
    companion = code(
        "companion", N_("Companion"), required=True, example="000456",
        aliases="спутник|артикул спутника|рекомендация|артикул рекомендации|сопутствующий товар|рекомендуемый товар|предложенный товар|артикул сопутствующего|companion|companion sku|recommended sku|recommended product|offered sku|target",
    )  # fmt: skip
    shown = whole(
        "shown", N_("Shown"), low=0, required=True, example="480",
        aliases="показы|показов|показано|показали|показы блока|показы рекомендации|просмотры|просмотры блока|видели|сеансы с показом|shown|impressions|views|exposures|sessions shown|block views",
    )  # fmt: skip
    bought = whole(
        "bought", N_("Bought"), low=0, required=True, example="35",
        aliases="купили|куплено|покупки|покупок|заказали|заказано|заказы|заказов|bought|purchases|orders|ordered|conversions|purchased",
    )  # fmt: skip
    clicked = whole(
        "clicked", N_("Clicked"), low=0, example="96",
        aliases="клики|кликов|нажали|переходы|переходов|clicked|clicks|click throughs",
    )  # fmt: skip
    added = whole(
        "added", N_("Put into the cart"), low=0, example="51",
        aliases="в корзину|положили в корзину|добавили|добавлено|добавлено в корзину|добавления в корзину|added|added to cart|add to cart|cart adds",
    )  # fmt: skip
    returned = whole(
        "returned", N_("Came back"), low=0, example="2",
        aliases="вернули|возвраты|возвратов|возвращено|returned|returns|refunds|refunded",
    )  # fmt: skip
    in_stock = Column(
        "in_stock", N_("Companion in stock"), ParsedWidget("flag", "boolean", "flag"), example="да",
        aliases="в наличии|наличие|наличие спутника|спутник в наличии|in stock|companion in stock|available|availability",
    )  # fmt: skip
    placement = choice(
        "placement", N_("Placement"), PLACEMENT_WORDS, example="карточка",
        aliases="место показа|место|где показано|размещение|блок|placement|position|slot|block",
    )  # fmt: skip
    channel = text(
        "channel", N_("Channel"), limit=60, sniff="word", example="сайт",
        aliases="канал|витрина|площадка|источник|сайт|channel|storefront|site|source",
    )  # fmt: skip
    variant = text(
        "variant", N_("Variant of the experiment"), limit=60, sniff="", example="A",
        aliases="вариант|вариант эксперимента|группа|эксперимент|вариант теста|variant|experiment|test group|arm",
    )  # fmt: skip

    class Meta:
        model = Exposure
        import_id_fields = ("day", "main", "companion", "channel", "placement", "variant")
        fields = (
            "day", "main", "companion", "shown", "bought", "clicked", "added", "returned", "in_stock", "placement",
            "channel", "variant",
        )  # fmt: skip
