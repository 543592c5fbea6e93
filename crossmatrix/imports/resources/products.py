"""Columns of a catalog, price or stock file."""

from crossmatrix.catalog.models import Product, ProductKind, ProductStatus
from crossmatrix.imports.resources.base import Column, DeclaredResource, ParsedWidget
from crossmatrix.imports.resources.columns import choice, code, money, text
from crossmatrix.lib.errors import N_

STATUS_WORDS = {
    **{value: value for value in ProductStatus.values},
    "активен": "active", "активный": "active", "в продаже": "active", "продается": "active", "да": "active", "1": "active",
    "true": "active", "yes": "active", "опубликован": "active", "published": "active", "есть": "active",
    "снят": "discontinued", "снят с производства": "discontinued", "снято с производства": "discontinued",
    "снят с продажи": "discontinued", "не продается": "discontinued", "выведен": "discontinued", "архив": "discontinued",
    "archived": "discontinued", "скрыт": "hidden", "скрытый": "hidden", "не показывать": "hidden", "нет": "hidden",
    "0": "hidden", "false": "hidden", "no": "hidden", "draft": "hidden", "inactive": "hidden", "неактивен": "hidden",
}  # fmt: skip
KIND_WORDS = {
    **{value: value for value in ProductKind.values},
    "товар": "good", "товары": "good", "product": "good", "goods": "good", "услуга": "service", "услуги": "service",
    "services": "service", "подписка": "subscription", "подписки": "subscription", "абонемент": "subscription",
}  # fmt: skip


class ProductResource(DeclaredResource):
    sku = code(
        "sku", N_("SKU"), required=True, example="000123",
        aliases="артикул|код товара|код номенклатуры|код|арт|артикул товара|sku|ваш sku|артикул продавца|item code|product code|item id|item number|номенклатура код|номенклатура артикул|код 1с|vendor code",
    )  # fmt: skip
    name = text(
        "name", N_("Name"), example="Кабель USB-C 1 м", width=48,
        aliases="наименование|название|наименование товара|название товара|номенклатура|товар|name|title|product name|полное наименование|позиция прайса|имя",
    )  # fmt: skip
    category = Column(
        "category", N_("Category"), ParsedWidget("path", "text", "word"), example="Аксессуары / Кабели", width=32,
        aliases="категория|категория товара|раздел|группа|товарная группа|номенклатурная группа|вид номенклатуры|category|product type|categories|группа товаров|раздел каталога|предмет|путь категории|category path",
    )  # fmt: skip
    supplier = text(
        "supplier", N_("Supplier"), limit=200, sniff="word", example="ООО «Кабель»", width=24,
        aliases="поставщик|supplier|наименование поставщика|контрагент поставщик",
    )  # fmt: skip
    brand = text(
        "brand", N_("Brand"), limit=120, sniff="word", example="Volt",
        aliases="бренд|марка|торговая марка|производитель|изготовитель|brand|vendor|manufacturer|тм",
    )  # fmt: skip
    kind = choice(
        "kind", N_("Type"), KIND_WORDS, example="товар",
        aliases="тип|тип товара|вид товара|товар или услуга|product kind|kind",
    )  # fmt: skip
    price = money(
        "price", N_("Price"), example="1299,00",
        aliases="цена|цена продажи|розничная цена|розничная|стоимость|ррц|цена руб|price|retail price|regular price|unit price|цена с ндс|прайс|мрц|новая цена",
    )  # fmt: skip
    cost = money(
        "cost", N_("Cost"), example="700,00",
        aliases="закупочная цена|закупка|цена закупки|закупочная|себестоимость|входная цена|учетная цена|cost|purchase price|cost price|cogs|закуп",
    )  # fmt: skip
    currency = Column(
        "currency", N_("Currency"), ParsedWidget("currency", "text", "currency"), example="RUB",
        aliases="валюта|currency|currency code|валюта цены|вал",
    )  # fmt: skip
    stock = Column(
        "stock", N_("Stock"), ParsedWidget("stock", "integer", "stock"), example="5",
        aliases="остаток|остатки|наличие|остаток на складе|конечный остаток|свободный остаток|доступно|количество на складе|кол во на складе|в наличии|stock|qty|quantity|qty on hand|inventory|in stock|количество|кол во",
    )  # fmt: skip
    status = choice(
        "status", N_("Status"), STATUS_WORDS, sniff="flag", example="активен",
        aliases="активность|активен|статус товара|статус|published|active|status|показывать на сайте|опубликован",
    )  # fmt: skip
    barcode = Column(
        "barcode", N_("Barcode"), ParsedWidget("barcode", "text", "barcode", limit=32), example="4601234567893",
        aliases="штрихкод|штрих код|шк|ean|ean13|gtin|upc|barcode|баркод|isbn|код ean",
    )  # fmt: skip
    url = text(
        "url", N_("Address"), sniff="url", width=40,
        aliases="ссылка|ссылка на товар|url|адрес страницы|link|страница товара|url товара|product url",
    )  # fmt: skip
    image = text(
        "image", N_("Picture"), sniff="image", width=40,
        aliases="фото|изображение|картинка|ссылка на фото|изображения|image|image src|image link|picture|фотография|photo|images|главное фото",
    )  # fmt: skip

    class Meta:
        model = Product
        import_id_fields = ("sku",)
        fields = (
            "sku", "name", "category", "supplier", "brand", "kind", "price", "cost", "currency", "stock", "status",
            "barcode", "url", "image",
        )  # fmt: skip
        skip_unchanged = True
