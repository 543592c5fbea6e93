"""Forms of the area. Shares are asked for in percent and kept as parts of one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crossmatrix.catalog.models import Category
from crossmatrix.insights.models import WeakPolicy
from crossmatrix.insights.rules.policy import BOUNDS, Decider, Limits
from crossmatrix.insights.selectors.policies import FIELDS, default_limits, limits_of

PERCENT = ("share_of_usual", "false_share", "decline", "least_margin", "promo_share")


def percent(name: str, label: Any, *, help_text: Any) -> forms.FloatField:
    low, high = BOUNDS[name]
    return forms.FloatField(
        label=label, min_value=low * 100, max_value=high * 100, help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip


def whole(name: str, label: Any, **more: Any) -> forms.IntegerField:
    low, high = BOUNDS[name]
    return forms.IntegerField(label=label, min_value=int(low), max_value=int(high), **more)


class WeakPolicyForm(forms.Form):
    """Limits of one category; a category cannot be changed once its policy is written."""

    category = forms.ModelChoiceField(
        Category.objects.order_by("full_name"), label=_("Category of the main"), required=False,
        empty_label=_("Every category"),
    )  # fmt: skip
    min_orders = whole(
        "min_orders", _("Least orders"),
        help_text=_("With fewer orders of the main the answer is “not enough data”."),
    )  # fmt: skip
    share_of_usual = percent(
        "share_of_usual", _("Rarely taken: below, % of usual"),
        help_text=_("Of the attach rate that pairs of the companion's category usually reach."),
    )  # fmt: skip
    least_gain = forms.FloatField(
        label=_("Rarely taken by money: brings less than"), required=False, min_value=BOUNDS["least_gain"][0],
        max_value=BOUNDS["least_gain"][1], widget=forms.NumberInput(attrs={"step": "any"}),
        help_text=_(
            "Of margin for each order with the product, in the companion's currency. 0: the share of the usual decides, as it does where the cost is not known."
        ),
    )  # fmt: skip
    false_share = percent(
        "false_share",
        _("Fine pairs in the list, %"),
        help_text=_("The expected part of flags that turn out to be nothing. Fewer mistakes mean fewer finds."),
    )
    decline = percent(
        "decline",
        _("Falling: lost at least, %"),
        help_text=_("Of the attach rate, season aside, in the last third of the weeks."),
    )
    returns_times = forms.FloatField(
        label=_("Often returned: times the usual"), min_value=BOUNDS["returns_times"][0],
        max_value=BOUNDS["returns_times"][1],
        widget=forms.NumberInput(attrs={"step": "any"}), help_text=_("How many times more often than its category."),
    )  # fmt: skip
    least_margin = percent(
        "least_margin", _("Losing margin: below, %"), help_text=_("(price − cost) ÷ price of the companion.")
    )
    promo_share = percent(
        "promo_share",
        _("Only with a discount: above, %"),
        help_text=_("Of the orders with both in which the companion was discounted."),
    )
    unseen_days = whole("unseen_days", _("Never shown: after, days"), help_text=_("Since the approval."))
    urgent_days = whole("urgent_days", _("Decide what is urgent within, days"))
    check_days = whole("check_days", _("Decide what is to check within, days"))
    note_days = whole("note_days", _("Decide what is to note within, days"))
    decider = forms.ChoiceField(
        label=_("Who decides"),
        choices=[
            (Decider.MANAGER.value, _("The category manager")),
            (Decider.HEAD.value, _("The head of the category")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, policy: WeakPolicy | None = None, **kwargs: Any) -> None:
        limits = limits_of(policy) if policy else default_limits()
        super().__init__(*args, **{"initial": initial_of(limits), **kwargs})
        self.policy = policy
        if policy:
            del self.fields["category"]

    @property
    def category_chosen(self) -> Category | None:
        found: Category | None = self.policy.category if self.policy else self.cleaned_data["category"]
        return found

    @property
    def limits(self) -> Limits:
        """What was filled in. Only after the form is valid."""
        said = {name: self.cleaned_data[name] for name in FIELDS}
        said["least_gain"] = said["least_gain"] or 0.0  # left empty: shares decide
        for name in PERCENT:
            said[name] = round(said[name] / 100, 6)
        return Limits(**said, decider=Decider(self.cleaned_data["decider"]))


def initial_of(limits: Limits) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(limits, name) for name in FIELDS}
    for name in PERCENT:
        values[name] = f"{values[name] * 100:g}"
    values["returns_times"], values["least_gain"] = f"{limits.returns_times:g}", f"{limits.least_gain:g}"
    return values | {"decider": limits.decider.value}
