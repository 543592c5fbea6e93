"""Ratio policies: the limits of companion price ÷ main price."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.rules import Permission
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix import services
from crossmatrix.matrix.forms import PolicyForm, policy_initial
from crossmatrix.matrix.models import RatioPolicy
from crossmatrix.matrix.selectors.ratios import default_limits, policies
from crossmatrix.ui.text import sentence


@require_http_methods(["GET", "POST"])
@requires(Permission.POLICY_EDIT)
def policy_list(request: HttpRequest) -> HttpResponse:
    """The table and a form for one more policy."""
    return form_page(request, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.POLICY_EDIT)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    return form_page(request, get_object_or_404(RatioPolicy, pk=pk))


def form_page(request: HttpRequest, found: RatioPolicy | None) -> HttpResponse:
    form = PolicyForm(request.POST or None, initial=policy_initial(found) if found else {})
    if form.is_bound and form.is_valid():
        warn, block = form.limits
        said = form.cleaned_data
        scope = {name: said[name] for name in ("category", "companion_category", "kind")}
        taken = found is None and RatioPolicy.objects.filter(**scope).exists()
        if taken:
            form.add_error(None, _("There is already a policy for this category and kind of reason."))
        else:
            try:
                services.set_policy(
                    **scope, warn_above=warn, block_above=block,
                    actor=person_of(request), at=timezone.now(), policy=found,
                )  # fmt: skip
            except Refusal as refusal:
                form.add_error(None, sentence(refusal))
            else:
                messages.success(request, _("Saved. The price ratios of all pairs are judged again."))
                return redirect("matrix:policies")
    context = {"form": form, "policies": policies(), "default": default_limits(), "policy": found}
    return render(request, "matrix/policies.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.POLICY_EDIT)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    services.remove_policy(policy=get_object_or_404(RatioPolicy, pk=pk), actor=person_of(request), at=timezone.now())
    messages.success(request, _("Removed. The price ratios of all pairs are judged again."))
    return redirect("matrix:policies")
