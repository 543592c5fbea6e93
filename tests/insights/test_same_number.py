"""One attach rate, whoever shows it: grid, inspector, product, inbox, evidence page, commands, exports."""

import json
import re
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook

from crossmatrix.accounts.rules import Role
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import Cause
from crossmatrix.matrix.models import Matrix
from tests.factories import CategoryFactory, ProductFactory, member
from tests.insights.factories import approved_pair, orders

pytestmark = pytest.mark.django_db
BOTH, MAIN = 86, 187  # 45.99 %: a figure that rounding would tell apart from 46 of 100
SHARE = BOTH / MAIN


@pytest.fixture
def shop(now):
    """A phone whose case is bought with 86 of its 187 orders; the case is out of stock, so that the inbox has it too."""
    phones, cases = CategoryFactory(name="Phones"), CategoryFactory(name="Cases")
    phone = ProductFactory(sku="phone", name="Novara X5", category=phones, price="30000.00")
    case = ProductFactory(sku="case", name="Leather case", category=cases, price="900.00", cost="500.00", stock=0)
    pair = approved_pair(phone, case)
    lines = orders(*[["phone", "case"]] * BOTH, *[["phone"]] * (MAIN - BOTH), *[["bread"]] * 700)
    services.ingest_orders(lines=lines, batch="1", at=now)
    services.refresh_stats(at=now)
    services.flag_weak_pairs(at=now)
    return phone, case, pair, phones, cases


def told(*command):
    out = StringIO()
    call_command(*command, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_attach_rate_is_the_same_number_wherever_it_is_shown(client, shop, now):
    phone, case, pair, phones, cases = shop
    user = member(Role.CATEGORY_MANAGER, category=phones, language="en")
    client.force_login(user)
    matrix = Matrix.objects.create(name="Phones", mains=phones, companions=cases, owner=user)
    flag = WeakFlag.objects.get(pair=pair, cause=Cause.OUT_OF_STOCK)

    def page(name, *args, **query):
        answer = client.get(reverse(name, args=args), query)
        assert answer.status_code == 200, name
        return answer

    key = page("matrix:grid_layout", matrix.pk, level="sku").json()["key"]
    tile = page("matrix:grid_tile", matrix.pk, level="sku", r0=0, r1=64, c0=0, c1=32, k=key).json()
    cell = page("matrix:grid_cell", matrix.pk, level="sku", main=phone.pk, companion=case.pk).content.decode()
    sheets = load_workbook(BytesIO(page("matrix:grid_export", matrix.pk, level="sku").content))
    links = list(sheets.worksheets[1].iter_rows(values_only=True))
    column = next(at for at, title in enumerate(links[0]) if str(title) in ("Attach rate, %", "Доля чеков, %"))
    by_command, weak = told("evidence", "pair", "phone", "case"), told("weak", "list")

    assert tile["cells"][0][7] == round(SHARE * 100, 1)
    assert round(float(links[1][column]), 1) == round(SHARE * 100, 1)
    assert by_command[0]["attach_rate"] == pytest.approx(SHARE, abs=1e-12)
    assert (by_command[0]["orders_both"], by_command[0]["orders_main"]) == (BOTH, MAIN)
    assert [row["companion"] for row in weak] == ["case"]
    for shown in (
        cell,
        page("matrix:product", phone.pk).content.decode(),
        page("insights:weak_flag", flag.pk).content.decode(),
        page("insights:pair", phone.pk, case.pk).content.decode(),
        page("matrix:pair", pair.pk).content.decode(),
    ):
        assert re.search(r"\b(46|46[.,]0|45[.,]99)\s?%", shown)


def test_a_flag_of_the_orders_freezes_the_number_that_the_evidence_shows(shop, now):
    phone, case, *_rest = shop
    case.stock = 5
    case.save()
    covers = ["cover0", "cover1", "cover2"]
    for name in covers:
        approved_pair(phone, ProductFactory(sku=name, category=case.category, price="800.00", cost="1.00"))
    services.ingest_orders(lines=orders(*[["phone", *covers]] * 400, prefix="cover"), batch="2", at=now)
    services.refresh_stats(at=now)
    services.flag_weak_pairs(at=now)

    flag = WeakFlag.objects.get(pair__companion=case, cause=Cause.RARELY_TAKEN, closed_at=None)

    stat = told("evidence", "pair", "phone", "case")[0]
    assert flag.evidence["attach_rate"] == stat["attach_rate"] == BOTH / (MAIN + 400)
    assert told("weak", "list")[0]["evidence"]["attach_rate"] == stat["attach_rate"]
