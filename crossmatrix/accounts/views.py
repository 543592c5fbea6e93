"""Signing in and out, and the person's own settings."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from crossmatrix.accounts import selectors, services
from crossmatrix.accounts.forms import DeputyForm, ProfileForm, SignInForm
from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.text import sentence

YEAR = int(timedelta(days=365).total_seconds())
THEMES = ("light", "dark")


def back(request: HttpRequest) -> str:
    """The page to return to: `next` when it is ours, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse(settings.LOGIN_REDIRECT_URL)


def remember(response: HttpResponse, *, name: str, value: str) -> None:
    """A cookie for a year; an empty value removes it."""
    if value:
        response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.SECURE_BROWSER)
    else:
        response.delete_cookie(name)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(back(request))
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    if form.is_valid():
        user = form.get_user()
        login(request, user)
        return welcome(request, user)
    page = {"form": form, "next": back(request), "demo_people": selectors.demo_people() if settings.DEMO else []}
    return render(request, "accounts/sign_in.html", page, status=422 if form.is_bound else 200)


def welcome(request: HttpRequest, user: object) -> HttpResponse:
    """To the page asked for, in the person's language and theme unless this browser has chosen already."""
    response = redirect(back(request))
    if isinstance(user, User):
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            remember(response, name=settings.LANGUAGE_COOKIE_NAME, value=user.language)
        if user.theme and "theme" not in request.COOKIES:
            remember(response, name="theme", value=user.theme)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:sign_in")


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = ProfileForm(request.POST or None, instance=person)
    if form.is_valid():
        form.save()
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        response = redirect("accounts:profile")
        remember(response, name=settings.LANGUAGE_COOKIE_NAME, value=person.language)
        remember(response, name="theme", value=person.theme)
        return response
    return profile_page(request, form=form, status=422 if form.is_bound else 200)


def profile_page(
    request: HttpRequest, *, form: ProfileForm | None = None, days: DeputyForm | None = None, status: int = 200
) -> HttpResponse:
    person, today = person_of(request), timezone.localdate()
    page: dict[str, object] = {
        "form": form or ProfileForm(instance=person),
        "memberships": selectors.memberships_of(person),
        "stands_in_for": selectors.stands_in_for(person, today),
        "frame": "ui/portal_base.html" if selectors.supplier_of(person) else "ui/base.html",
    }
    if person.has_perm(Permission.PAIR_APPROVE):
        page["deputies"] = selectors.deputies_of(person, today)
        page["days"] = days or DeputyForm(person=person)
    return render(request, "accounts/profile.html", page, status=status)


@require_POST
@requires(Permission.PAIR_APPROVE)
def add_deputy(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    form = DeputyForm(request.POST, person=person)
    if form.is_valid():
        try:
            named = services.name_deputy(
                person=person, actor=person, at=now, today=timezone.localdate(now), **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("%(name)s stands in for you.") % {"name": named.deputy})
            return redirect("accounts:profile")
    return profile_page(request, days=form, status=422)


@require_POST
@requires(Permission.PAIR_APPROVE)
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    services.end_deputy(deputy=get_object_or_404(person.deputies, pk=pk), actor=person, at=timezone.now())
    messages.success(request, _("From now on you decide alone again."))
    return redirect("accounts:profile")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Django's own language switch, open to everybody; a signed-in person keeps the choice in other browsers too."""
    wanted = request.POST.get("language", "")
    if isinstance(request.user, User) and wanted in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=wanted)
    response: HttpResponse = set_language(request)
    return response


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """light, dark, or "" for the system's."""
    wanted = request.POST.get("theme", "")
    wanted = wanted if wanted in THEMES else ""
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(theme=wanted)
    response = (
        HttpResponse(status=204) if request.headers.get("X-Requested-With") == "fetch" else redirect(back(request))
    )
    remember(response, name="theme", value=wanted)
    return response
