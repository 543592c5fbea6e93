"""What people send to the import screens."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crossmatrix.imports.rules.states import KIND_NAMES, Absent, Kind, Policy

GUESS = [("", _("Tell by the columns"))]


class UploadForm(forms.Form):
    """A file and, if the person likes, its kind."""

    file = forms.FileField(label=_("File"), max_length=255, allow_empty_file=True)
    kind = forms.ChoiceField(label=_("What is in the file"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [*GUESS, *((kind.value, _(KIND_NAMES[kind])) for kind in Kind)]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB."), params={"limit": settings.UPLOAD_MAX_BYTES >> 20}
            )
        return file


class ColumnsForm(forms.Form):
    """Sheet, header row and the field of every column ("column-3": "price")."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind], required=False)
    sheet = forms.CharField(max_length=200, required=False)
    header_row = forms.IntegerField(min_value=1, max_value=1_048_576, required=False)

    def by_index(self) -> dict[int, str]:
        chosen = {}
        for name, value in self.data.items():
            if name.startswith("column-") and name[7:].isdecimal():
                chosen[int(name[7:])] = str(value)[:200]
        return chosen


class PolicyForm(forms.Form):
    absent = forms.ChoiceField(choices=[(a.value, a.value) for a in Absent], required=False)

    def policies(self) -> dict[str, str] | None:
        found = {
            name[7:]: str(value)
            for name, value in self.data.items()
            if name.startswith("policy-") and value in set(Policy)
        }
        return found or None
