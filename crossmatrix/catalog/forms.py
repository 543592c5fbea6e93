"""Forms of the catalog."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crossmatrix.catalog.models import Category, Product, Supplier
from crossmatrix.catalog.rules import KIND_NAMES, STATUS_NAMES
from crossmatrix.lib.text import clean_text


class AttributesField(forms.CharField):
    """Attributes as lines "name: value"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {text}" for name, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for number, line in enumerate(str(value or "").splitlines(), start=1):
            name, colon, text = line.partition(":")
            if not clean_text(line):
                continue
            if not (colon and clean_text(name) and clean_text(text)):
                raise forms.ValidationError(_("Line %(number)s: write “name: value”.") % {"number": number})
            found[clean_text(name)] = clean_text(text)
        return found


class ProductForm(forms.Form):
    """Fields of a product a person edits. `version` is the one the form was filled from."""

    version = forms.IntegerField(widget=forms.HiddenInput, localize=False)
    name = forms.CharField(label=_("Name"), max_length=500)
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=Category.objects.order_by("full_name"),
        required=False,
        empty_label=_("No category"),
    )
    supplier = forms.ModelChoiceField(
        label=_("Supplier"), queryset=Supplier.objects.order_by("name"), required=False, empty_label=_("No supplier")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[(value, _(word)) for value, word in KIND_NAMES.items()])
    status = forms.ChoiceField(label=_("Status"), choices=[(value, _(word)) for value, word in STATUS_NAMES.items()])
    brand = forms.CharField(label=_("Brand"), max_length=120, required=False)
    price = forms.DecimalField(
        label=_("Price"), max_digits=12, decimal_places=2, min_value=0, required=False, localize=True
    )
    cost = forms.DecimalField(
        label=_("Cost"), max_digits=12, decimal_places=2, min_value=0, required=False, localize=True
    )
    stock = forms.IntegerField(
        label=_("In stock, pcs"), required=False, localize=True, min_value=-(2**31), max_value=2**31 - 1
    )
    barcode = forms.CharField(label=_("Barcode"), max_length=32, required=False)
    url = forms.URLField(label=_("Page in the shop"), max_length=500, required=False, assume_scheme="https")
    attributes = AttributesField(label=_("Attributes"), help_text=_("One in a line: “name: value”."))

    def __init__(self, *args: Any, categories: list[int] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if categories is not None:  # the person's own ones: a product is not edited out of one's sight
            self.fields["category"].queryset = Category.objects.filter(pk__in=categories).order_by("full_name")  # type: ignore[attr-defined]  # a choice field's queryset
            self.fields["category"].required = True

    @staticmethod
    def start(product: Product) -> dict[str, Any]:
        """Initial values from a product."""
        names = ("version", "name", "category", "supplier", "kind", "status", "brand", "price", "cost", "stock", "barcode", "url", "attributes")  # fmt: skip
        return {name: getattr(product, name) for name in names}

    def changes(self) -> dict[str, Any]:
        """Cleaned values by model field, without the version."""
        data = dict(self.cleaned_data)
        data.pop("version")
        for name in ("category", "supplier"):
            chosen = data.pop(name)
            data[f"{name}_id"] = chosen.pk if chosen else None
        return data


class RetireForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, localize=False)
    reason = forms.CharField(label=_("Reason"), max_length=500)
