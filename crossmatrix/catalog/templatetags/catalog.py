"""How a product looks in a list of any area."""

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from crossmatrix.catalog.models import Product
from crossmatrix.catalog.rules import KIND_NAMES, StockState, pictogram, stock_state
from crossmatrix.lib.errors import N_
from crossmatrix.ui.rows import markup
from crossmatrix.ui.templatetags.ui import icon

register = template.Library()


@register.simple_tag
def product_thumb(product: Product, size: str = "") -> SafeString:
    """Photo of the product, or the pictogram of its category. size: s, xl or nothing. Needs the category loaded."""
    name = pictogram(product.category.full_name) if product.category else "box"
    if product.image.startswith("/static/"):  # the content policy shows pictures of our own address only
        return markup('<span class="thumb {}"><img src="{}" alt=""></span>', size, product.image)
    return markup('<span class="thumb {}">{}</span>', size, icon(name))


@register.filter
def stock(product: Product) -> str:
    """in, out or not_counted."""
    return stock_state(product.stock).value


@register.filter
def out_of_stock(product: Product) -> bool:
    return stock_state(product.stock) is StockState.OUT


EVENTS = {
    "product.created": N_("Created"),
    "product.changed": N_("Changed"),
    "product.imported": N_("Changed by an import"),
}


@register.filter
def event_label(kind: str) -> str:
    """Word of an audit event of a product; an unknown kind as it is."""
    return gettext(EVENTS[kind]) if kind in EVENTS else kind


@register.filter
def kind_label(kind: str) -> str:
    return gettext(KIND_NAMES[kind])


@register.filter
def split_words(text: str) -> list[str]:
    """Words of a literal, to loop over."""
    return text.split()


@register.filter
def field(form: Any, name: str) -> Any:
    """A form's bound field by name."""
    return form[name]
