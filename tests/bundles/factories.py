"""A supplier's world in a few words."""

from datetime import date
from decimal import Decimal

from crossmatrix.accounts.rules import Role
from crossmatrix.bundles import services
from crossmatrix.bundles.models import Bundle, BundleRevision
from crossmatrix.bundles.rules import Content, ItemRole, Line
from tests.factories import CategoryFactory, ProductFactory, SupplierFactory, member


class World:
    """One supplier with a console, a cable and a game; a manager of their category, a head, an analyst and a rival."""

    def __init__(self):
        self.category = CategoryFactory(name="Games")
        self.supplier = SupplierFactory(name="Nord")
        self.rival_supplier = SupplierFactory(name="Sud")
        self.author = member(Role.SUPPLIER, supplier=self.supplier, name="Anna Author")
        self.colleague = member(Role.SUPPLIER, supplier=self.supplier, name="Carl Colleague")
        self.rival = member(Role.SUPPLIER, supplier=self.rival_supplier, name="Rita Rival")
        self.manager = member(Role.CATEGORY_MANAGER, category=self.category, name="Mara Manager")
        self.stranger = member(Role.CATEGORY_MANAGER, category=CategoryFactory(name="Gardens"), name="Greg Gardener")
        self.head = member(Role.HEAD, name="Hana Head")
        self.analyst = member(Role.ANALYST, name="Alan Analyst")
        self.staff = member(Role.STAFF, name="Sam Staff")
        own = {"supplier": self.supplier, "category": self.category}
        self.console = ProductFactory(sku="CON-1", name="Console", price="10000.00", cost="7000.00", stock=50, **own)
        self.cable = ProductFactory(sku="CAB-1", name="Cable", price="500.00", cost="200.00", stock=50, **own)
        self.game = ProductFactory(sku="GAM-1", name="Game", price="2500.00", cost="1500.00", stock=50, **own)
        self.foreign = ProductFactory(
            sku="FOR-1", name="Foreign pad", supplier=self.rival_supplier, category=self.category
        )

    def content(self, **changes):
        values = {
            "name": "Console and cable",
            "bundle_price": Decimal("9800.00"),
            "valid_from": date(2026, 12, 1),
            "valid_to": date(2026, 12, 31),
            "funding_share": Decimal("0.5"),
            "stock": 20,
            "items": (Line("CON-1", 1, ItemRole.MAIN), Line("CAB-1", 1)),
        }
        return Content(**(values | changes))

    def draft(self, at, **changes):
        return services.draft(content=self.content(**changes), actor=self.author, at=at)

    def submitted(self, at, **changes):
        bundle = self.draft(at, **changes)
        services.submit(bundle=bundle, actor=self.author, at=at)
        bundle.refresh_from_db()
        return bundle

    def approved(self, at, **changes):
        bundle = self.submitted(at, **changes)
        services.approve(bundle=bundle, actor=self.manager, at=at)
        bundle.refresh_from_db()
        return bundle


def state_of(bundle):
    return BundleRevision.objects.get(bundle__pk=bundle.pk, pk=Bundle.objects.get(pk=bundle.pk).current_id).state
