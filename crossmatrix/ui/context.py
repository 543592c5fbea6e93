"""What every page's frame needs."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from crossmatrix.ui.nav import PORTAL, Nav, address

THEMES = ("light", "dark")


class Shell:
    """The frame of one request; everything is worked out when a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def theme(self) -> str:
        """light or dark; "" follows the system."""
        wanted = self.request.COOKIES.get("theme", "")
        return wanted if wanted in THEMES else ""

    @cached_property
    def nav(self) -> Nav:
        return Nav(self.request)

    @cached_property
    def portal(self) -> Nav:
        return Nav(self.request, PORTAL)

    @cached_property
    def languages(self) -> list[str]:
        return [code for code, _name in settings.LANGUAGES]

    @cached_property
    def profile_url(self) -> str:
        return address(("accounts:profile",))

    @cached_property
    def sign_out_url(self) -> str:
        return address(("accounts:sign_out",))

    @cached_property
    def language_url(self) -> str:
        return address(("accounts:language", "set_language"))

    @cached_property
    def theme_url(self) -> str:
        return address(("accounts:theme",))

    @cached_property
    def commands_url(self) -> str:
        return address(("ui:commands",))

    @cached_property
    def here(self) -> str:
        """Where the language and theme switches come back to: a form shown after a POST has no page of its own."""
        return self.request.get_full_path() if self.request.method in {"GET", "HEAD"} else "/"

    @cached_property
    def person(self) -> Any:
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": Shell(request)}
