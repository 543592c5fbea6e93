import subprocess
import sys
from pathlib import Path

import pytest

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission, Role
from crossmatrix.accounts.selectors import person
from crossmatrix.bundles.models import Bundle
from crossmatrix.catalog.models import Category, Product, Supplier
from crossmatrix.catalog.rules import valid_gtin
from crossmatrix.demo import services
from crossmatrix.demo.services.people import PEOPLE
from crossmatrix.imports.models import ImportBatch
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.selectors.suggestions import suggestions
from crossmatrix.matrix.models import Pair, PairRevision, Slot
from crossmatrix.publishing.models import Release
from tests.factories import ProductFactory

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.mark.django_db
def test_demo_people_may_what_their_roles_say(now):
    services.load("none", at=now)

    assert User.objects.count() == len(PEOPLE)
    assert person("manager@demo").has_perm(Permission.PAIR_EDIT)
    assert not person("staff@demo").has_perm(Permission.PAIR_EDIT)
    assert person("head@demo").check_password("demo")


@pytest.mark.django_db
def test_somebodys_own_products_are_left_alone(now):
    ProductFactory()

    assert services.load("shop", at=now) == []
    assert Product.objects.count() == 1


def test_the_workbooks_are_what_the_generator_writes(tmp_path):
    copy = tmp_path / "fixtures"
    copy.mkdir()
    for name in ("goods.py", "planted.py", "make.py"):
        (copy / name).write_bytes((FIXTURES / name).read_bytes())

    subprocess.run([sys.executable, str(copy / "make.py")], check=True, capture_output=True)

    committed = {path.name: path.read_bytes() for path in (FIXTURES / "shop").iterdir()}
    assert {path.name: path.read_bytes() for path in (copy / "shop").iterdir()} == committed


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_shop_is_loaded_whole_and_only_once(now, settings, tmp_path):
    settings.MEDIA_ROOT, settings.ORDERS_ROOT = tmp_path / "files", tmp_path / "orders"

    ran = services.load("shop", at=now)
    again = services.load("shop", at=now)

    assert ran[0] == "shop: price list"
    assert again == []
    assert (Product.objects.count(), Supplier.objects.count()) == (397, 6)
    assert Product.objects.filter(sku__startswith="000").count() > 30
    assert all(valid_gtin(code) for code in Product.objects.exclude(barcode="").values_list("barcode", flat=True))
    assert Category.objects.filter(full_name="Игры и приставки / Игровые приставки").exists()
    assert Slot.objects.filter(verdict="not_suitable").count() == 2
    assert Slot.objects.exclude(condition="").count() == 5
    assert Pair.objects.filter(verdict="not_suitable").count() == 13
    states = set(PairRevision.objects.values_list("state", flat=True))
    assert states == {"draft", "in_review", "approved", "superseded", "retired", "discarded"}
    assert PairRevision.objects.filter(state="draft").exclude(comment="").exists()
    assert set(Release.objects.values_list("channel__code", "number")) == {("site", 1), ("app", 1), ("stores", 1)}
    causes = set(WeakFlag.objects.values_list("cause", flat=True))
    assert {"ratio_broken", "out_of_stock", "discontinued", "rarely_taken"} <= causes
    check_that_what_is_proposed_fits()
    assert Bundle.objects.count() == 6
    assert ImportBatch.objects.get(name="links_with_mistakes.xlsx").state == "planned"
    assert Role.SUPPLIER in {Role(m.role) for m in person("supplier@demo").memberships.all()}


MADE_FOR = {  # companions made for one main: what the main says, what the companion says
    ("Смартфоны", "Защитные стёкла"): ("Модель", "Подходит к"),
    ("Смартфоны", "Чехлы"): ("Модель", "Подходит к"),
    ("Умные часы", "Ремешки"): ("Крепление", "Крепление"),
    ("Игровые приставки", "Игры на дисках"): ("Платформа", "Подходит к"),
}


def check_that_what_is_proposed_fits():
    """Suggestions and replacements of weak pairs keep to what the slots of the demo ask for; fitting ones are there."""
    mains = list(Product.objects.filter(category__name__in={main for main, _ in MADE_FOR}).select_related("category"))
    links = [(one.main, one.companion) for row in suggestions(mains).values() for one in row]
    links += [
        (flag.pair.main, Product.objects.select_related("category").get(pk=row["product"]))
        for flag in WeakFlag.objects.filter(pair__main__in=mains).select_related("pair__main__category")
        for row in flag.replacements
    ]

    judged = [
        (main.attributes.get(MADE_FOR[types][0]), companion.attributes.get(MADE_FOR[types][1]), types)
        for main, companion in links
        if (types := (main.category.name, companion.category.name)) in MADE_FOR
    ]

    assert {types for *_, types in judged} == set(MADE_FOR)
    assert [one for one in judged if one[0] != one[1]] == []
