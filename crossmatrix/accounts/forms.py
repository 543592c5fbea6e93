from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.accounts.selectors import people_who

DEMO_PASSWORD = "demo"  # noqa: S105 - the demo's sign-ins are public; this form reads it only when settings.DEMO


class SignInForm(AuthenticationForm):
    """E-mail and password. In the demo a button carries the e-mail of a demo person instead."""

    error_messages = {
        "invalid_login": _(
            "The e-mail and the password do not go together. Check both; capital letters matter in the password."
        ),
        "inactive": _("This account is switched off. Ask your administrator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].widget.attrs.update(
            autocomplete="username", inputmode="email", spellcheck="false", maxlength=254
        )
        self.fields["password"].label = _("Password")
        demo = self.data.get("demo") if settings.DEMO and self.is_bound else None
        if demo:
            self.data = {"username": demo, "password": DEMO_PASSWORD}

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """How the person is called and how the screens look for them."""

    theme = forms.ChoiceField(
        label=_("Theme"),
        required=False,
        choices=[("", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = User
        fields = ("name", "language", "theme")
        labels = {"name": _("Your name"), "language": _("Language")}
        widgets = {"language": forms.RadioSelect}


class DeputyForm(forms.Form):
    """Who decides while the person is away; offered are those who approve somewhere themselves."""

    deputy = forms.ChoiceField(label=_("Who stands in for you"))
    from_date = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    to_date = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in people_who(Permission.PAIR_APPROVE) if one.pk != person.pk}
        choices = [("", _("Choose a person")), *((pk, f"{one.name} · {one.email}") for pk, one in self.people.items())]
        self.fields["deputy"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean_deputy(self) -> User:
        return self.people[self.cleaned_data["deputy"]]
