"""Keeping a filter by name, and forgetting it."""

from datetime import datetime

from django.db import transaction

from crossmatrix.accounts.models import User
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text
from crossmatrix.matrix.models import SavedView

NAME_MAX, QUERY_MAX, VIEWS_MAX = 80, 4000, 100


class NameMissing(Refusal):
    code = "view.name"
    sentence = N_("Give the view a name of at most %(limit)s characters.")


class ViewTooLong(Refusal):
    code = "view.too_long"
    sentence = N_("This view names too many rows or columns to be kept. Hide whole categories instead.")


class TooManyViews(Refusal):
    code = "view.too_many"
    sentence = N_("You keep %(limit)s views of this page. Remove one first.")


@transaction.atomic
def keep_view(*, person: User, page: str, name: str, query: str, shared: bool, at: datetime) -> SavedView:
    """Keep the query under the name; the same name again means the new query. Raises NameMissing, ViewTooLong, TooManyViews."""
    name = clean_text(name)
    if not name or len(name) > NAME_MAX:
        raise NameMissing(limit=NAME_MAX)
    if len(query) > QUERY_MAX:
        raise ViewTooLong
    mine = SavedView.objects.filter(person=person, page=page)
    if mine.count() >= VIEWS_MAX and not mine.filter(name=name).exists():
        raise TooManyViews(limit=VIEWS_MAX)
    view, _new = SavedView.objects.update_or_create(
        person=person, page=page, name=name, defaults={"query": query, "shared": shared},
        create_defaults={"query": query, "shared": shared, "created_at": at},
    )  # fmt: skip
    return view


def forget_view(*, view: SavedView) -> None:
    """Take the view out of the menus; links with its query still lead there."""
    view.delete()
