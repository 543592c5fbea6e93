"""Policies of weak pairs: the table, the form, and what a change would flag before it is made."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.insights import services
from crossmatrix.insights.forms import WeakPolicyForm
from crossmatrix.insights.models import WeakPolicy
from crossmatrix.insights.selectors.policies import default_limits, policies
from crossmatrix.insights.selectors.preview import preview
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.text import sentence


@require_http_methods(["GET", "POST"])
@requires(Permission.POLICY_EDIT)
def policy_list(request: HttpRequest) -> HttpResponse:
    """Every policy and a form for one more."""
    return form_page(request, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.POLICY_EDIT)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    return form_page(request, get_object_or_404(WeakPolicy.objects.select_related("category"), pk=pk))


def form_page(request: HttpRequest, found: WeakPolicy | None) -> HttpResponse:
    """Shows, previews ("what would change") or saves what was filled in."""
    form = WeakPolicyForm(request.POST or None, policy=found)
    context: dict[str, Any] = {"form": form, "policies": policies(), "default": default_limits(), "policy": found}
    if form.is_bound and form.is_valid():
        if request.POST.get("action") == "preview":
            context["preview"] = preview(category=form.category_chosen, limits=form.limits, at=timezone.now())
        else:
            try:
                services.set_weak_policy(
                    category=form.category_chosen, limits=form.limits, actor=person_of(request), at=timezone.now(),
                    policy=found,
                )  # fmt: skip
            except Refusal as refusal:
                form.add_error(None, sentence(refusal))
            else:
                messages.success(request, _("Saved. All pairs are looked at again."))
                return redirect("insights:weak_policies")
    return render(request, "insights/weak_policies.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.POLICY_EDIT)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(WeakPolicy, pk=pk)
    services.remove_weak_policy(policy=found, actor=person_of(request), at=timezone.now())
    messages.success(request, _("Removed. All pairs are looked at again."))
    return redirect("insights:weak_policies")
