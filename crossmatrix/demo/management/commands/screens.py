"""`manage.py screens list`: an address of every kind of page, filled with what is loaded, and who opens it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count
from django.urls import reverse

from crossmatrix.bundles.models import Bundle
from crossmatrix.catalog.models import Product
from crossmatrix.imports.models import ImportBatch
from crossmatrix.insights.models import PairStat, WeakFlag
from crossmatrix.matrix.models import Matrix, Pair, PairRevision, Slot
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.ui.cli import Options, VerbCommand, verb

MANAGER, SECOND, HEAD, ANALYST = "manager@demo", "manager2@demo", "head@demo", "analyst@demo"
SUPPLIER, INTEGRATOR, ADMIN = "supplier@demo", "integrator@demo", "admin@demo"
STAFF = "staff@demo"


@dataclass(frozen=True)
class Screen:
    name: str
    person: str
    path: str


class Command(VerbCommand):
    help = "Every kind of page, for the tests that visit them all and for pictures."

    @verb("list", help="Name, person and address of each page.")
    def list_screens(self, options: Options) -> list[dict[str, Any]]:
        return [asdict(screen) for screen in [*plain(), *filled()]]


def plain() -> Iterator[Screen]:
    """Pages that need nothing loaded."""
    for name, person, view in (
        ("home", MANAGER, "home:home"),
        ("profile", MANAGER, "accounts:profile"),
        ("gallery", MANAGER, "ui:gallery"),
        ("matrices", MANAGER, "matrix:matrices"),
        ("matrix_new", MANAGER, "matrix:grid_new"),
        ("pairs", MANAGER, "matrix:pairs"),
        ("pair_new", MANAGER, "matrix:pair_new"),
        ("slots", MANAGER, "matrix:slots"),
        ("slot_new", MANAGER, "matrix:slot_new"),
        ("policies", HEAD, "matrix:policies"),
        ("approvals", SECOND, "matrix:approvals"),
        ("mentions", MANAGER, "matrix:mentions"),
        ("cards", STAFF, "matrix:cards"),
        ("products", MANAGER, "catalog:products"),
        ("quality", MANAGER, "catalog:quality"),
        ("imports", MANAGER, "imports:list"),
        ("import_new", MANAGER, "imports:upload"),
        ("evidence", ANALYST, "insights:evidence"),
        ("orders_quality", ANALYST, "insights:quality"),
        ("weak", MANAGER, "insights:weak"),
        ("suggestions", MANAGER, "insights:suggestions"),
        ("suggestions_fill", MANAGER, "insights:suggestions_fill"),
        ("weak_week", MANAGER, "insights:weak_digest"),
        ("weak_rules", ANALYST, "insights:weak_policies"),
        ("dashboard", ANALYST, "insights:dashboard"),
        ("channels", INTEGRATOR, "publishing:channels"),
        ("channel_new", INTEGRATOR, "publishing:create"),
        ("bundles", MANAGER, "bundles:list"),
        ("jobs", ADMIN, "jobs:list"),
        ("portal", SUPPLIER, "portal:home"),
        ("portal_products", SUPPLIER, "portal:products"),
        ("portal_new", SUPPLIER, "portal:new"),
    ):
        yield Screen(name, person, reverse(view))


def filled() -> Iterator[Screen]:
    """Pages of one thing, for which something of that kind is loaded."""
    yield from matrix_pages()
    yield from import_pages()
    yield from evidence_pages()
    yield from channel_pages()
    yield from bundle_pages()


def matrix_pages() -> Iterator[Screen]:
    if matrix := Matrix.objects.order_by("pk").first():
        yield Screen("matrix", MANAGER, reverse("matrix:grid", args=[matrix.pk]))
        yield Screen("matrix_print", MANAGER, reverse("matrix:grid_print", args=[matrix.pk]))
        yield Screen("matrix_history", MANAGER, reverse("matrix:grid_history", args=[matrix.pk]))
    if revision := PairRevision.objects.filter(state="approved").order_by("pk").first():
        yield Screen("pair", MANAGER, reverse("matrix:pair", args=[revision.pair_id]))
        yield Screen("pair_history", MANAGER, reverse("matrix:pair_history", args=[revision.pair_id]))
        sides = "sku", revision.pair.main_id, revision.pair.companion_id
        yield Screen("cell", MANAGER, reverse("matrix:cell", args=sides))
    if slot := Slot.objects.order_by("pk").first():
        yield Screen("slot", MANAGER, reverse("matrix:slot", args=[slot.pk]))
    if richest := Product.objects.annotate(links=Count("companion_pairs")).order_by("-links", "pk").first():
        yield Screen("product", MANAGER, reverse("catalog:product", args=[richest.pk]))
        yield from product_view(richest)
        yield Screen("product_edit", MANAGER, reverse("catalog:edit", args=[richest.pk]))
        yield from links_of(richest)


def product_view(main: Product) -> Iterator[Screen]:
    """One product with its companions, and the pages around it."""
    for name, person, view in (
        ("product_view", MANAGER, "matrix:product"),
        ("product_shop", MANAGER, "matrix:shop"),
        ("product_print", MANAGER, "matrix:product_print"),
        ("card", STAFF, "matrix:card"),
    ):
        yield Screen(name, person, reverse(view, args=[main.pk]))
    if pair := Pair.objects.filter(main=main, approved__isnull=False).order_by("pk").first():
        yield Screen("pair_extend", MANAGER, reverse("matrix:pair_extend", args=[pair.pk]))


def links_of(main: Product) -> Iterator[Screen]:
    """The SKU level of the main's category against the companions it has links to, the most linked first."""
    if main.category is None:
        return
    places = [
        f"/{'/'.join(main.category.path.strip('/').split('/')[: n + 1])}/" for n in range(main.category.path.count("/"))
    ]
    matrix = Matrix.objects.filter(mains__path__in=places).order_by("pk").first()
    if matrix:
        scope = f"?level=sku&rows={main.category_id}&linked=1&colsort=-links&sort=-coverage"
        yield Screen("matrix_sku", MANAGER, reverse("matrix:grid", args=[matrix.pk]) + scope)


def import_pages() -> Iterator[Screen]:
    for state, name in (("planned", "import"), ("applied", "import_result")):
        if batch := ImportBatch.objects.filter(state=state).order_by("-pk").first():
            yield Screen(name, MANAGER, reverse("imports:batch", args=[batch.pk]))
            yield Screen(f"{name}_columns", MANAGER, reverse("imports:columns", args=[batch.pk]))


def evidence_pages() -> Iterator[Screen]:
    if flag := WeakFlag.objects.filter(closed_at__isnull=True).order_by("pk").first():
        yield Screen("weak_flag", MANAGER, reverse("insights:weak_flag", args=[flag.pk]))
    if stat := PairStat.objects.order_by("-orders_both", "pk").first():
        yield Screen("evidence_pair", ANALYST, reverse("insights:pair", args=[stat.main_id, stat.companion_id]))


def channel_pages() -> Iterator[Screen]:
    if channel := Channel.objects.order_by("pk").first():
        for view in ("channel", "next", "releases", "settings"):
            yield Screen(f"channel_{view}", INTEGRATOR, reverse(f"publishing:{view}", args=[channel.code]))
    if release := Release.objects.select_related("channel").order_by("-pk").first():
        yield Screen("release", INTEGRATOR, reverse("publishing:release", args=[release.channel.code, release.number]))


def bundle_pages() -> Iterator[Screen]:
    for state in ("submitted", "in_review", "approved", "live"):
        if bundle := Bundle.objects.filter(current__state=state).order_by("pk").first():
            yield Screen(f"bundle_{state}", MANAGER, reverse("bundles:review", args=[bundle.public_id]))
    if own := Bundle.objects.filter(supplier__membership__user__email=SUPPLIER).order_by("pk").first():
        yield Screen("portal_bundle", SUPPLIER, reverse("portal:bundle", args=[own.public_id]))
