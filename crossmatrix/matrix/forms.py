"""Forms of pairs, slots and ratio policies."""

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import within
from crossmatrix.catalog.models import Category, Product
from crossmatrix.lib.text import normalise_sku
from crossmatrix.matrix.models import PairRevision, RatioPolicy, Slot
from crossmatrix.matrix.rules import TEXT_MAX, WANTED_MAX, LinkDraft, SlotDraft
from crossmatrix.matrix.rules.condition import BadCondition, parse
from crossmatrix.matrix.rules.names import KIND_NAMES, PLACEMENT_NAMES, VERDICT_NAMES
from crossmatrix.matrix.templatetags.pairs import labelled
from crossmatrix.ui.text import sentence

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LinkForm(forms.Form):
    """The content of a link."""

    reason = forms.CharField(
        label=_("Reason"), max_length=TEXT_MAX, help_text=_("For colleagues: why the two go together.")
    )
    kind = forms.ChoiceField(label=_("Kind of reason"), choices=labelled(KIND_NAMES), initial="accessory")
    rank = forms.IntegerField(
        label=_("Rank"), min_value=1, max_value=10_000, initial=100, help_text=_("1 is shown first.")
    )
    offer_text = forms.CharField(
        label=_("Offer text"),
        max_length=TEXT_MAX,
        required=False,
        help_text=_("For the shopper, beside the companion."),
    )
    placements = forms.MultipleChoiceField(
        label=_("Placements"), choices=labelled(PLACEMENT_NAMES), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: everywhere."),
    )  # fmt: skip
    valid_from = forms.DateField(label=_("Valid from"), required=False, widget=DAY)
    valid_to = forms.DateField(label=_("Valid to"), required=False, widget=DAY)
    override_reason = forms.CharField(
        label=_("Why the price ratio is accepted"), max_length=TEXT_MAX, required=False,
        help_text=_("Needed only when the ratio is above the blocking limit; the approver reads it."),
    )  # fmt: skip
    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def draft(self, main_id: int, companion_id: int) -> LinkDraft:
        said = dict(self.cleaned_data)
        said.pop("base_version")
        for name in ("main", "companion", "both"):
            said.pop(name, None)
        return LinkDraft(main_id, companion_id, clear_window=True, **said)


class NewLinkForm(LinkForm):
    """A link between two products named by their SKUs."""

    main = forms.CharField(label=_("SKU of the main product"), max_length=64)
    companion = forms.CharField(label=_("SKU of the companion"), max_length=64)
    both = forms.BooleanField(
        label=_("The other way round too"),
        required=False,
        help_text=_("Writes a second pair with the same content, in which the companion is the main product."),
    )
    field_order = ("main", "companion", "both")

    def product(self, name: str) -> Product:
        sku = normalise_sku(self.cleaned_data[name])
        product = Product.objects.filter(sku=sku).first()
        if product is None:
            raise forms.ValidationError(_("There is no product “%(sku)s”.") % {"sku": sku})
        return product

    def clean_main(self) -> Product:
        return self.product("main")

    def clean_companion(self) -> Product:
        return self.product("companion")


def initial_of(revision: PairRevision) -> dict[str, Any]:
    fields = ("reason", "kind", "offer_text", "rank", "placements", "valid_from", "valid_to", "override_reason")
    return {name: getattr(revision, name) for name in fields}


class BulkEditForm(forms.Form):
    """Fields to write into many links; an empty one leaves theirs alone."""

    reason = forms.CharField(label=_("Reason"), max_length=TEXT_MAX, required=False)
    kind = forms.ChoiceField(
        label=_("Kind of reason"), choices=[("", _("Leave as it is")), *labelled(KIND_NAMES)], required=False
    )
    offer_text = forms.CharField(label=_("Offer text"), max_length=TEXT_MAX, required=False)
    rank = forms.IntegerField(label=_("Rank"), min_value=1, max_value=10_000, required=False)
    valid_from = forms.DateField(label=_("Valid from"), required=False, widget=DAY)
    valid_to = forms.DateField(label=_("Valid to"), required=False, widget=DAY)

    def clean(self) -> dict[str, Any]:
        said = {name: value for name, value in (super().clean() or {}).items() if value not in (None, "")}
        if not said and not self.errors:
            raise forms.ValidationError(_("Fill in at least one field."))
        return said


class SlotForm(forms.Form):
    """One type-level cell."""

    main_category = forms.ModelChoiceField(Category.objects.none(), label=_("To products of"), empty_label=_("Choose…"))
    companion_category = forms.ModelChoiceField(
        Category.objects.none(), label=_("Offer products of"), empty_label=_("Choose…")
    )
    verdict = forms.ChoiceField(
        label=_("Verdict"), choices=labelled(VERDICT_NAMES), widget=forms.RadioSelect, initial="suitable"
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=TEXT_MAX,
        help_text=_("Why the one is offered to the other, or why it does not suit."),
    )
    kind = forms.ChoiceField(label=_("Kind of reason"), choices=labelled(KIND_NAMES), initial="accessory")
    offer_text = forms.CharField(
        label=_("Offer text"),
        max_length=TEXT_MAX,
        required=False,
        help_text=_("For the shopper, beside the companion."),
    )
    wanted = forms.IntegerField(label=_("Companions wanted"), min_value=1, max_value=WANTED_MAX, initial=1)
    condition = forms.CharField(
        label=_("Compatibility condition"),
        max_length=TEXT_MAX,
        required=False,
        help_text=_("Which companions fit which products, for example: main.connector = companion.connector"),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "hx-trigger": "input changed delay:300ms, load",
                "hx-target": "#slot-match",
                "hx-swap": "innerHTML",
                "hx-sync": "this:replace",
            }
        ),
    )
    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, slot: Slot | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = Category.objects.order_by("full_name")
        choices = {
            "main_category": categories.filter(within(user, "path", Permission.PAIR_EDIT)),
            "companion_category": categories,
        }
        asked = {name: getattr(slot, f"{name}_id") for name in choices} if slot else {}
        counts = self.fields["condition"].widget.attrs
        counts["hx-get"] = f"{reverse('matrix:slot_matching')}?{urlencode(asked)}"
        if slot is None:
            counts["hx-include"] = "closest form"
        for name, rows in choices.items():
            if slot is not None:
                del self.fields[name]
            else:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]  # a model choice field

    def clean_condition(self) -> str:
        text = str(self.cleaned_data["condition"]).strip()
        try:
            parse(text)
        except BadCondition as refusal:
            raise forms.ValidationError(sentence(refusal)) from None
        return text

    def draft(self, main_category_id: int, companion_category_id: int) -> SlotDraft:
        said = self.cleaned_data
        return SlotDraft(
            main_category_id, companion_category_id, verdict=said["verdict"], reason=said["reason"], kind=said["kind"],
            offer_text=said["offer_text"], wanted=said["wanted"], condition=said["condition"],
        )  # fmt: skip


class PolicyForm(forms.Form):
    """Limits of companion price ÷ main price, typed in percent."""

    category = forms.ModelChoiceField(
        Category.objects.order_by("full_name"),
        label=_("Category of the main"),
        required=False,
        empty_label=_("Every category"),
    )
    companion_category = forms.ModelChoiceField(
        Category.objects.order_by("full_name"),
        label=_("Category of the companion"),
        required=False,
        empty_label=_("Every category"),
    )
    kind = forms.ChoiceField(
        label=_("Kind of reason"), choices=[("", _("Every kind")), *labelled(KIND_NAMES)], required=False
    )
    warn = forms.DecimalField(label=_("Warn above, %"), min_value=0, max_value=9999, max_digits=6, decimal_places=2)
    block = forms.DecimalField(label=_("Block above, %"), min_value=0, max_value=9999, max_digits=6, decimal_places=2)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("warn") is not None and said.get("block") is not None and said["warn"] > said["block"]:
            self.add_error("block", _("The blocking limit is not below the warning limit."))
        return said

    @property
    def limits(self) -> tuple[Decimal, Decimal]:
        """(warn, block) as shares."""
        return self.cleaned_data["warn"] / 100, self.cleaned_data["block"] / 100


def policy_initial(policy: RatioPolicy) -> dict[str, Any]:
    return {
        "category": policy.category_id,
        "companion_category": policy.companion_category_id,
        "kind": policy.kind,
        "warn": (policy.warn_above * 100).normalize(),
        "block": (policy.block_above * 100).normalize(),
    }
