"""Columns of an order file: one row per order line."""

from crossmatrix.imports.resources.base import Column, DeclaredResource, ParsedWidget
from crossmatrix.imports.resources.columns import code, money, text, whole
from crossmatrix.insights.models import OrderFile
from crossmatrix.lib.errors import N_


class OrderLineResource(DeclaredResource):
    order_id = code(
        "order_id", N_("Order number"), required=True, example="10001",
        aliases="номер заказа|заказ|номер чека|чек|order id|order|order number|id заказа|документ|номер отправления|increment id|заказ клиента|регистратор|order name|order no|basket id|корзина",
    )  # fmt: skip
    ordered_at = Column(
        "ordered_at", N_("Date"), ParsedWidget("moment", "timestamp", "date"), required=True, example="22.11.2026",
        aliases="дата|дата заказа|дата продажи|период|order date|created at|date|принят в обработку|дата чека|дата документа|ordered at|дата и время",
    )  # fmt: skip
    sku = code(
        "sku", N_("SKU"), required=True, example="000123",
        aliases="артикул|код товара|sku|lineitem sku|артикул товара|номенклатура код|товар|код|product id|номенклатура",
    )  # fmt: skip
    quantity = Column(
        "quantity", N_("Quantity"), ParsedWidget("quantity", "numeric(14,3)", "number"), example="1",
        aliases="количество|кол во|продано|продано шт|quantity|qty|lineitem quantity|отгружено|шт",
    )  # fmt: skip
    price = money(
        "price", N_("Price"), digits=14, example="1299,00",
        aliases="цена|price|цена за единицу|unit price|lineitem price|цена продажи|цена руб",
    )  # fmt: skip
    discount = money(
        "discount", N_("Discount"), digits=14, example="100,00",
        aliases="скидка|discount|сумма скидки|скидка руб",
    )  # fmt: skip
    line_no = whole(
        "line_no", N_("Line"), low=0, example="1",
        aliases="строка|номер строки|позиция|line|line no|line number|строка заказа",
    )  # fmt: skip
    store = text(
        "store", N_("Store"), limit=120, sniff="", example="Тверская, 1",
        aliases="магазин|склад|точка продаж|store|shop|подразделение|филиал|store id",
    )  # fmt: skip
    segment = text(
        "segment", N_("Customer segment"), limit=60, sniff="word", example="новый",
        aliases="сегмент|сегмент клиента|сегмент покупателя|segment|customer segment|тип клиента",
    )  # fmt: skip
    channel = text(
        "channel", N_("Channel"), limit=60, sniff="word", example="сайт",
        aliases="канал|канал продаж|channel|sales channel|источник|площадка",
    )  # fmt: skip
    customer = text(
        "customer", N_("Customer"), limit=120, sniff="", example="К-1001",
        aliases="покупатель|клиент|контрагент|customer|customer id|user id|карта лояльности|номер карты|household id|id клиента|код клиента",
    )  # fmt: skip
    is_return = Column(
        "is_return", N_("Goods returned"), ParsedWidget("flag", "boolean", "flag"), example="нет",
        aliases="возврат|признак возврата|return|is return|returned|refund|тип операции|операция",
    )  # fmt: skip

    class Meta:
        model = OrderFile
        import_id_fields = ("order_id", "line_no")
        fields = (
            "order_id", "ordered_at", "sku", "quantity", "price", "discount", "line_no", "store", "segment", "channel",
            "customer", "is_return",
        )  # fmt: skip
