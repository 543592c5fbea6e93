"""Filters kept by name."""

from django.db.models import F, Q, QuerySet

from crossmatrix.accounts.models import User
from crossmatrix.matrix.models import SavedView


def saved_views(user: User, page: str) -> QuerySet[SavedView]:
    """The person's views of a page, and those that others share; the person's own first."""
    return (
        SavedView.objects.filter(Q(person=user) | Q(shared=True), page=page)
        .select_related("person")
        .annotate(own=Q(person=user))
        .order_by(F("own").desc(), "name", "pk")
    )
