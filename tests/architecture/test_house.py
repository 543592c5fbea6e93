"""The shape of the house beyond what the import fence can say."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

PROJECT = Path(__file__).resolve().parent.parent.parent
PACKAGE = PROJECT / "crossmatrix"
AREAS = sorted(folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists())


@pytest.mark.parametrize("area", AREAS)
def test_every_area_has_a_front_door_and_no_code_in_it(area):
    tree = ast.parse((PACKAGE / area / "__init__.py").read_text())

    assert ast.get_docstring(tree), f"{area} does not say what it is for"
    assert len(tree.body) == 1


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_services_and_rules_know_nothing_of_requests(path):
    if not {"services", "rules", "selectors", "models"} & set(path.with_suffix("").parts):
        return
    if "providers" in path.name or path.parent.name == "migrations":
        return
    source = path.read_text()

    assert "HttpRequest" not in source
    assert ".delay(" not in source, "work is ordered with jobs.services.order"


def test_no_model_saves_in_its_own_way():
    own = [
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("crossmatrix") and "save" in vars(model)
    ]

    assert own == []


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "templates").rglob("*.html")), ids=lambda p: p.relative_to(PROJECT).as_posix()
)
def test_templates_carry_nothing_the_content_security_policy_forbids(path):
    source = path.read_text(encoding="utf-8")

    assert not re.search(r"<[^>]*\sstyle\s*=", source), "inline style"
    assert not re.search(r"<[^>]*\son\w+\s*=", source), "inline handler"
    assert not re.search(r"\bhx-on|hx-vals=['\"]js:", source), "htmx eval"
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", source), "inline script"
    assert "<style" not in source
