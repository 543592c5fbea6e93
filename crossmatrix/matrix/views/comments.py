"""Discussions of cells: the fragment that other pages show, what is said in it, and the mentions of a person."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crossmatrix.accounts.guards import person_of, requires
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import Refusal
from crossmatrix.matrix.models import Mention, Pair, Slot
from crossmatrix.matrix.rules import Verdict
from crossmatrix.matrix.rules.comments import Place
from crossmatrix.matrix.selectors import comments as read
from crossmatrix.matrix.selectors import lookups
from crossmatrix.matrix.selectors.pairs import pairs_for
from crossmatrix.matrix.selectors.slots import slots_for
from crossmatrix.matrix.services import comments as write
from crossmatrix.matrix.views.discussions import discussion_of
from crossmatrix.matrix.views.inspector import inspector_context
from crossmatrix.ui import queue
from crossmatrix.ui.htmx import trigger, wants_part
from crossmatrix.ui.queue import Section
from crossmatrix.ui.text import sentence

PICKED = 12  # people the picker offers
PER_PAGE = 30
LEVELS = {"sku": False, "type": True}


def place_from(level: str, main: int, companion: int) -> Place:
    if level not in LEVELS:
        raise Http404
    return Place(main, companion, by_type=LEVELS[level])


def seen_place(request: HttpRequest, level: str, main: int, companion: int) -> Place:
    """The place, for people who may see it. Raises Http404."""
    place = place_from(level, main, companion)
    if not read.may_read(person_of(request), read.path_of(place)):
        raise Http404
    return place


@require_GET
@requires(Permission.PAIR_VIEW)
def cell(request: HttpRequest, level: str, main: int, companion: int) -> HttpResponse:
    """The page of a cell that may hold no pair and no slot yet: its evidence, checks, history and discussion."""
    place, person = seen_place(request, level, main, companion), person_of(request)
    page: dict[str, Any] = {"talk": discussion_of(person, place)}
    if place.by_type:
        slot = slots_for(person).filter(main_category=main, companion_category=companion).first()
        if slot is not None:
            return redirect("matrix:slot", pk=slot.pk)
        names = Category.objects.in_bulk([main, companion])
        page |= {"main": names[main], "companion": names[companion]}
        return render(request, "matrix/cell_type.html", page)
    page |= inspector_context(person, get_object_or_404(lookups.mains_for(person), pk=main), companion)
    return render(request, "matrix/cell.html", page)


def address_of(place: Place, person: User) -> str:
    """The page that shows the discussion best: of the pair or slot where there is one, else of the cell."""
    found: Any
    if place.by_type:
        found = slots_for(person).filter(main_category=place.main, companion_category=place.companion).first()
        page = "matrix:slot"
    else:
        found = pairs_for(person).filter(main=place.main, companion=place.companion).first()
        page = "matrix:pair"
    if found is not None:
        return f"{reverse(page, args=[found.pk])}#discussion"
    return f"{reverse('matrix:cell', args=[place.level, place.main, place.companion])}#discussion"


@require_POST
@requires(Permission.PAIR_VIEW)
def say(request: HttpRequest, level: str, main: int, companion: int) -> HttpResponse:
    """Add a comment."""
    place, text = place_from(level, main, companion), request.POST.get("text", "")
    try:
        write.say(place=place, text=text, author=person_of(request), at=timezone.now())
    except write.NoSuchCell:
        raise Http404 from None
    except Refusal as refusal:
        return shown(request, place, problem=sentence(refusal), draft=text)
    return shown(request, place)


@require_POST
@requires(Permission.PAIR_VIEW)
def settle(request: HttpRequest, level: str, main: int, companion: int) -> HttpResponse:
    """Settle the discussion, or with `reopen` open again what was settled last."""
    place = place_from(level, main, companion)
    act = write.reopen if "reopen" in request.POST else write.resolve
    try:
        act(place=place, actor=person_of(request), at=timezone.now())
    except write.NoSuchCell:
        raise Http404 from None
    return shown(request, place)


def shown(request: HttpRequest, place: Place, **said: str) -> HttpResponse:
    """The discussion as it is now: the fragment for htmx, the page for everybody else."""
    person = person_of(request)
    if not wants_part(request) and not said:
        return redirect(address_of(place, person))
    talk = discussion_of(person, place, **said)
    status = 422 if said else 200
    if not wants_part(request):
        return render(
            request, "matrix/discussion.html", {"talk": talk, "back": address_of(place, person)}, status=status
        )
    answer = render(request, "matrix/_discussion.html", {"talk": talk, "tag": heading(request)}, status=status)
    where = {"level": place.level, "main": place.main, "companion": place.companion, "open": bool(talk.standing)}
    return trigger(answer, "discussion", where)


def heading(request: HttpRequest) -> str:
    """The heading the page gave the fragment: it comes back as it was."""
    return "h2" if request.POST.get("tag") == "h2" else "h3"


@require_GET
@requires(Permission.PAIR_VIEW)
def people(request: HttpRequest, level: str, main: int, companion: int) -> HttpResponse:
    """Whom the picker offers for `q`: those who may read the discussion, names that begin so first."""
    place, me = seen_place(request, level, main, companion), person_of(request)
    words = " ".join(request.GET.get("q", "").split()).casefold()[:80]
    labels = read.labels_for(place)
    fits = [one for one in read.people_for(place) if one.pk != me.pk and words in f" {one.name} {one.email}".casefold()]
    fits.sort(key=lambda one: (not one.name.casefold().startswith(words), one.name, one.pk))
    found = [
        {"id": one.pk, "name": one.name, "label": labels[one.pk], "role": one.role_title, "initials": one.initials,
         "tone": one.pk % 5 + 1}
        for one in fits[:PICKED]
    ]  # fmt: skip
    return JsonResponse({"people": found})


# -- mentions -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """A mention as the list shows it."""

    mention: Mention
    title: str
    url: str


def rows_of(mentions: list[Mention]) -> list[Row]:
    """Mentions with what they are about and where it opens; three statements for any number."""
    places = {one.pk: read.place_of(one.comment) for one in mentions}
    pairs = existing(Pair, ("main_id", "companion_id"), [one for one in places.values() if not one.by_type])
    slots = existing(Slot, ("main_category_id", "companion_category_id"), [p for p in places.values() if p.by_type])
    rows = []
    for one in mentions:
        place, said = places[one.pk], one.comment
        known = (slots if place.by_type else pairs).get((place.main, place.companion))
        if place.by_type:
            title = f"{said.main_category} × {said.companion_category}"
        else:
            title = f"{said.main.name if said.main else ''} → {said.companion.name if said.companion else ''}"
        if known:
            url = reverse("matrix:slot" if place.by_type else "matrix:pair", args=[known])
        else:
            url = reverse("matrix:cell", args=[place.level, place.main, place.companion])
        rows.append(Row(one, title, f"{url}#discussion"))
    return rows


def existing(model: Any, sides: tuple[str, str], places: list[Place]) -> dict[tuple[int, int], int]:
    """(main, companion) → id, of the pairs or slots with a page of their own."""
    if not places:
        return {}
    wanted = {f"{sides[0]}__in": {one.main for one in places}, f"{sides[1]}__in": {one.companion for one in places}}
    says = (
        ~Q(verdict=Verdict.UNDECIDED) if model is Slot else Q(current__isnull=False) | Q(verdict=Verdict.NOT_SUITABLE)
    )
    found = model.objects.filter(says, **wanted).values_list(*sides, "pk")
    return {(main, companion): pk for main, companion, pk in found}


@require_GET
@requires(Permission.PAIR_VIEW)
def mentions(request: HttpRequest) -> HttpResponse:
    """Comments that name the person: unread ones, or with `all` every one."""
    found = read.mentions_for(person_of(request))
    everything = "all" in request.GET
    unread = found.filter(read_at=None)
    page = Paginator(found if everything else unread, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_of(list(page.object_list)),
        "everything": everything,
        "unread": unread.count(),
    }
    return render(request, "matrix/mentions.html", context | {"paginator": page.paginator, "field": "page"})


@require_POST
@requires(Permission.PAIR_VIEW)
def mentions_read(request: HttpRequest) -> HttpResponse:
    """Mark one's mentions as read: `row` names some, nothing means all; with `unread` the other way round."""
    person = person_of(request)
    chosen = [int(value) for value in request.POST.getlist("row") if value.isdigit()]
    if "unread" in request.POST:
        write.mark_unread(person=person, mentions=chosen)
    else:
        write.mark_read(person=person, at=timezone.now(), mentions=chosen or None)
    back = reverse("matrix:mentions")
    return redirect(f"{back}?all=1" if "all" in request.POST else back)


FIRST = 5  # mentions on the first page


def mentions_section(request: HttpRequest) -> Section | None:
    """Unread mentions as a heap of work on the first page."""
    person = person_of(request)
    if not person.has_perm(Permission.PAIR_VIEW):
        return None
    unread = read.mentions_for(person).filter(read_at=None)
    count = unread.count()  # most often none: then nothing has to be joined
    rows = [
        queue.Row(title=f"{row.mention.comment.author}: {row.mention.comment.text}", url=row.url, hint=row.title)
        for row in rows_of(list(unread[:FIRST]) if count else [])
    ]
    return Section(_("Mentions"), "comment", count, rows, reverse("matrix:mentions"), order=15)
