"""An import seen from the history of a matrix: its name, its page, and being taken back from there."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Product
from crossmatrix.imports import context, tasks
from crossmatrix.imports.rules.states import BatchState
from crossmatrix.jobs.models import JobRun
from crossmatrix.matrix.models import Matrix, Pair
from crossmatrix.matrix.selectors import history
from crossmatrix.matrix.services import reverts
from tests.factories import CategoryFactory, ProductFactory, member

pytestmark = pytest.mark.django_db(transaction=True)

LINKS = [["Основной товар", "Спутник", "Причина"], ["PS-5", "HDMI-2", "К телевизору"]]


@pytest.fixture
def matrix():
    cache.clear()
    consoles, cables = CategoryFactory(name="Консоли"), CategoryFactory(name="Кабели")
    ProductFactory(sku="PS-5", category=consoles, price="50000")
    ProductFactory(sku="HDMI-2", category=cables, price="900")
    return Matrix.objects.create(name="Консоли", mains=consoles, companions=cables)


@pytest.fixture
def imported(take, write, manager, matrix):
    return write(take(LINKS, "matrix", actor=manager, name="links.xlsx"), manager)


def test_an_import_stands_in_the_history_of_a_matrix_by_its_name(imported, matrix, manager):
    ((line, *_), _after) = history.batches_of(matrix, manager)

    assert (line.name, line.cells, line.undone) == (imported.tag, 1, False)
    assert line.origin.title.endswith(f"№{imported.pk}, links.xlsx")
    assert line.origin.url == reverse("imports:batch", args=[imported.pk])


def test_it_is_taken_back_from_there_by_its_own_job(client, imported, matrix, manager, now):
    told = reverts.foresee(batch=imported.tag, actor=manager, at=now)
    client.force_login(manager)

    answer = client.post(reverse("matrix:grid_revert", args=[matrix.pk, imported.tag]), headers={"HX-Request": "true"})

    assert told.reversed == 1
    assert answer["HX-Redirect"] == reverse("imports:batch", args=[imported.pk])
    assert JobRun.objects.filter(task=tasks.undo.name).count() == 1
    tasks.undo(batch=imported.pk)
    imported.refresh_from_db()
    assert imported.state == BatchState.UNDONE
    assert Pair.objects.get().current is None
    assert imported.tag in {name for name, origin in history.origins_of([imported.tag]).items() if origin.undone}


def test_who_runs_no_imports_takes_none_back(imported, matrix, now):
    viewer = member(Role.STAFF)

    with pytest.raises(context.NotYours):
        reverts.revert(batch=imported.tag, actor=viewer, at=now)

    assert Product.objects.count() == 2
    assert Pair.objects.get().current is not None


def test_the_undo_of_an_import_is_not_undone_from_there(imported, matrix, manager, now, undo):
    undo(imported, manager)

    with pytest.raises(context.BroughtBack):
        reverts.revert(batch=f"{imported.tag}:undo", actor=manager, at=now)
