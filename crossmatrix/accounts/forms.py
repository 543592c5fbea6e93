from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from crossmatrix.accounts.models import User

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
