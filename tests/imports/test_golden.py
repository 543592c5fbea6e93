"""Messy files beside the plans they must become.

`GOLDEN=write pytest tests/imports/test_golden.py` writes files and plans anew; read the difference before you commit it.
"""

import json
import os
from pathlib import Path

import pytest

from crossmatrix.imports.engine import plan
from crossmatrix.imports.models import ImportProblem
from tests.factories import CategoryFactory, ProductFactory
from tests.imports.messy import FILES

GOLDEN = Path(__file__).parent.parent / "golden" / "imports"
WRITE = os.environ.get("GOLDEN") == "write"
COUNTS = ("rows", "new", "changed", "absent", "same", "error", "repeated", "warning")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    """What the shop has before each file comes."""
    categories = {name: CategoryFactory(name=name) for name in ("Консоль", "Компьютер", "Кабель", "Диск", "Игра")}
    for sku, name, category, price in (
        ("PS-5", "Консоль", "Консоль", 49990), ("PC-1", "Компьютер", "Компьютер", 79990),
        ("HDMI-2", "Кабель HDMI", "Кабель", 1290), ("HDMI-2M", "Кабель HDMI 2 м", "Кабель", 1490), ("DISC-7", "Диск «Полюс»", "Диск", 3490),
    ):  # fmt: skip
        ProductFactory(sku=sku, name=name, category=categories[category], price=price)


def told(batch):
    """Everything a person would see of the plan, without numbers that differ from run to run."""
    rows, _total = plan.read_page(batch, states="ncde", search="", start=0, count=1000)
    return {
        "kind": batch.kind,
        "layout": batch.layout["layout"],
        "level": batch.layout.get("level", ""),
        "sheet": batch.sheet,
        "header_row": batch.header_row,
        "columns": {c["title"]: c["field"] for c in batch.layout["columns"] if c["title"]},
        "grouped": batch.layout["grouped"],
        "dialect": batch.layout["dialect"],
        "counts": {name: batch.counts[name] for name in COUNTS},
        "remarks": [{"code": r["code"], "params": r["params"]} for r in batch.remarks],
        "problems": [
            {"row": p.row, "header": p.header, "value": p.value, "code": p.code, "severity": p.severity, "params": p.params}
            for p in ImportProblem.objects.filter(batch=batch).order_by("row", "code", "header", "value")
        ],
        "rows": [
            {"row": r["row_no"], "state": r["state"], "label": r["label"], "label2": r["label2"], "changes": r["changes"]}
            for r in rows
        ],
    }  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_messy_file_becomes_its_plan(name, take, shop):
    kind, make = FILES[name]
    expected = GOLDEN / f"{name}.plan.json"
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_bytes(make())

    found = told(take((GOLDEN / name).read_bytes(), kind, name=name))

    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    if WRITE:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
