"""What people type: the supplier's proposal, the shop's decision."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crossmatrix.bundles.formats import said
from crossmatrix.bundles.rules import (
    DECLINE_WORDS,
    FIELD_WORDS,
    PLACEMENT_WORDS,
    Content,
    Finding,
    ItemRole,
    Line,
)
from crossmatrix.lib.text import normalise_sku

HUNDRED = Decimal(100)
QUANTITY_MOST = 999
ITEMS_MOST = 50
FORM_FIELDS = {"price": "bundle_price", "funding_share": "funding"}  # finding's field → form's field


class Words:
    """Choices out of a table of marked words, translated when shown."""

    def __init__(self, words: dict[Any, str]) -> None:
        self.words = words

    def __iter__(self) -> Any:
        return iter([(key.value, _(text)) for key, text in self.words.items()])


def label(name: str) -> Any:
    return _(FIELD_WORDS[name])


def decimal_input() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class ProposalForm(forms.Form):
    """A proposal while it is written: everything may be empty, what is typed must be readable."""

    name = forms.CharField(label=label("name"), required=False, max_length=200, help_text=_("Shoppers see it."))
    bundle_price = forms.DecimalField(
        label=label("bundle_price"),
        required=False,
        localize=True,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=decimal_input(),
    )
    funding = forms.DecimalField(
        label=_("Your share of the discount, %"), required=False, localize=True, min_value=0, max_value=100, max_digits=5,
        decimal_places=2, widget=decimal_input(), help_text=_("What you pay the shop back of each discount."),
    )  # fmt: skip
    stock = forms.IntegerField(
        label=label("stock"), required=False, localize=True, min_value=0, max_value=10**7,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    valid_from = forms.DateField(label=label("valid_from"), required=False, widget=date_input())
    valid_to = forms.DateField(label=label("valid_to"), required=False, widget=date_input())
    placements = forms.MultipleChoiceField(
        label=label("placements"), required=False, choices=Words(PLACEMENT_WORDS), widget=forms.CheckboxSelectMultiple,
        help_text=_("None marked means everywhere."),
    )  # fmt: skip
    exclusive = forms.BooleanField(
        label=label("exclusive"), required=False, help_text=_("Then finance looks at it too.")
    )
    message = forms.CharField(
        label=label("message"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def content(self, items: Iterable[Line]) -> Content:
        """What was typed; the form is valid."""
        typed = self.cleaned_data
        funding = typed["funding"]
        return Content(
            name=typed["name"], bundle_price=typed["bundle_price"], valid_from=typed["valid_from"], valid_to=typed["valid_to"],
            funding_share=None if funding is None else funding / HUNDRED, stock=typed["stock"], exclusive=typed["exclusive"],
            placements=tuple(typed["placements"]), message=typed["message"].strip().replace("\r\n", "\n"), items=tuple(items),
        )  # fmt: skip

    def show(self, findings: Iterable[Finding]) -> None:
        """Put the errors that belong to a field beside it."""
        for finding in findings:
            name = FORM_FIELDS.get(finding.field, finding.field)
            if name in self.fields and finding.stops:
                self.add_error(name, said(finding))


def typed(content: Content) -> dict[str, Any]:
    """A content as the form's values."""
    funding = content.funding_share
    return {
        "name": content.name, "bundle_price": content.bundle_price, "stock": content.stock,
        "funding": None if funding is None else (funding * HUNDRED).normalize(),
        "valid_from": content.valid_from, "valid_to": content.valid_to, "placements": list(content.placements),
        "exclusive": content.exclusive, "message": content.message,
    }  # fmt: skip


def lines(data: QueryDict) -> tuple[list[Line], list[str]]:
    """(items, unreadable quantities by SKU) of the rows: `sku` and `quantity` side by side, `main` names the main one."""
    found, unreadable = list[Line](), list[str]()
    main = data.get("main", "")
    for sku, quantity in zip(data.getlist("sku")[:ITEMS_MOST], data.getlist("quantity")[:ITEMS_MOST], strict=False):
        text = "".join(quantity.split())
        count = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
        if not 1 <= count <= QUANTITY_MOST:
            unreadable.append(sku)
        role = ItemRole.MAIN if sku == main else ItemRole.COMPANION
        found.append(Line(normalise_sku(sku), min(max(count, 1), QUANTITY_MOST), role))
    return found, unreadable


class ReturnForm(forms.Form):
    comment = forms.CharField(
        label=_("What to change"), help_text=_("The supplier reads it."), widget=forms.Textarea(attrs={"rows": 4})
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Only the shop reads it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=Words(DECLINE_WORDS))
    comment = forms.CharField(
        label=_("In your own words"), help_text=_("The supplier reads it."), widget=forms.Textarea(attrs={"rows": 4})
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Only the shop reads it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ApproveForm(forms.Form):
    digest = forms.CharField(widget=forms.HiddenInput, required=False)
    comment = forms.CharField(
        required=False,
        label=_("Comment"),
        help_text=_("The supplier reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Only the shop reads it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
