"""Forms of channels and releases."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crossmatrix.catalog.models import Category
from crossmatrix.matrix.rules import Placement
from crossmatrix.publishing.formats.base import Setting
from crossmatrix.publishing.formats.excel import PLACES
from crossmatrix.publishing.formats.registry import FORMATS
from crossmatrix.publishing.models import Channel
from crossmatrix.publishing.services.channels import CAP_MAX

OWN = "set_"  # prefix of the fields that belong to the format


class ChannelForm(forms.Form):
    """Settings of a channel. The fields of its format follow the chosen one; `version` is the one the form was filled from."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, localize=False)
    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Small Latin letters and figures; it stands in addresses and file names."),
    )
    format = forms.ChoiceField(label=_("Format"))
    category = forms.ModelChoiceField(
        label=_("Products"),
        queryset=Category.objects.order_by("full_name"),
        required=False,
        empty_label=_("All products"),
        help_text=_("Only links of products in this category go out."),
    )
    cap = forms.IntegerField(
        label=_("Companions shown"),
        min_value=1,
        max_value=CAP_MAX,
        initial=4,
        localize=False,
        help_text=_("Of one product in one place; the rest waits in reserve."),
    )
    placements = forms.MultipleChoiceField(
        label=_("Places of the storefront"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Nothing chosen: the storefront does not tell places apart."),
    )
    active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(self, *args: Any, channel: Channel | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        choices: dict[str, list[tuple[str, str]]] = {
            "format": [(code, gettext(form.label)) for code, form in FORMATS.items()],
            "placements": [(place.value, capfirst(gettext(PLACES[place.value]))) for place in Placement],
        }
        for name, options_of in choices.items():
            self.fields[name].choices = options_of  # type: ignore[attr-defined]  # both are choice fields
        if channel:
            del self.fields["code"]
        else:
            del self.fields["active"]
        chosen = self["format"].value() or next(iter(FORMATS))
        self.declared = FORMATS[chosen].settings if chosen in FORMATS else ()
        kept = channel.settings if channel and channel.format == chosen else {}
        for setting in self.declared:
            self.fields[f"{OWN}{setting.name}"] = _field(setting, kept.get(setting.name, setting.default))
        self.order_fields([name for name in ("version", "name", "code", "format") if name in self.fields]
                          + [f"{OWN}{setting.name}" for setting in self.declared])  # fmt: skip

    @staticmethod
    def start(channel: Channel) -> dict[str, Any]:
        """Initial values from a channel."""
        names = ("version", "name", "format", "category", "cap", "placements", "active")
        return {name: getattr(channel, name) for name in names}

    def values(self) -> dict[str, Any]:
        """Cleaned values as the service takes them, settings of the format gathered, without the version."""
        data = {
            name: value for name, value in self.cleaned_data.items() if not name.startswith(OWN) and name != "version"
        }
        given = {setting.name: self.cleaned_data.get(f"{OWN}{setting.name}") for setting in self.declared}
        return {**data, "settings": {name: value for name, value in given.items() if value not in (None, "")}}


def _field(setting: Setting, value: Any) -> forms.Field:
    facts: dict[str, Any] = {"label": gettext(setting.label), "required": bool(setting.choices), "initial": value}
    if setting.help:
        facts["help_text"] = gettext(setting.help)
    if setting.choices:
        return forms.ChoiceField(choices=[(key, gettext(label)) for key, label in setting.choices], **facts)
    return forms.BooleanField(**facts)


class CutForm(forms.Form):
    """What a person says with a cut: `expected` is the seal of what was shown."""

    expected = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
    force = forms.BooleanField(label=_("Yes, take every link away"), required=False)
