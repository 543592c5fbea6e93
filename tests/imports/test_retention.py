"""How long what an import overwrote is kept."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crossmatrix.catalog.models import Product
from crossmatrix.imports import services
from crossmatrix.imports.models import ImportJournal
from crossmatrix.imports.rules.states import BatchState
from crossmatrix.imports.services.apply import UndoTooLate, start_undo
from crossmatrix.imports.services.batches import JOURNAL_KEPT

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = ["Артикул", "Наименование", "Цена"]
SECOND = timedelta(seconds=1)


@pytest.fixture
def applied(take, write, manager):
    return write(take([HEAD, ["000123", "Кабель", 100]], actor=manager), manager)


def test_the_journal_goes_after_ninety_days_and_not_before(applied, now):
    services.clean_up(at=now + JOURNAL_KEPT)
    kept = ImportJournal.objects.count()

    services.clean_up(at=now + JOURNAL_KEPT + SECOND)

    assert (kept, ImportJournal.objects.count()) == (1, 0)


def test_an_import_without_its_journal_says_that_it_is_too_late_and_changes_nothing(applied, now, manager):
    services.clean_up(at=now + JOURNAL_KEPT + SECOND)

    with pytest.raises(UndoTooLate):
        start_undo(batch=applied, actor=manager)

    applied.refresh_from_db()
    assert applied.state == BatchState.APPLIED
    assert Product.objects.count() == 1


def test_its_page_offers_no_undo_any_more_and_says_why(applied, now, manager, client):
    client.force_login(manager)
    before = client.get(reverse("imports:batch", args=[applied.pk])).content.decode()
    services.clean_up(at=now + JOURNAL_KEPT + SECOND)

    after = client.get(reverse("imports:batch", args=[applied.pk])).content.decode()

    undo = reverse("imports:undo", args=[applied.pk])
    assert undo in before
    assert undo not in after
    assert "уже нельзя отменить" in after


def test_an_import_that_changed_nothing_needs_no_journal_to_be_undone(take, write, manager, now):
    write(take([HEAD, ["000123", "Кабель", 100]], actor=manager), manager)
    same = write(take([HEAD, ["000123", "Кабель", 100]], actor=manager), manager)

    services.clean_up(at=now + JOURNAL_KEPT + SECOND)

    assert services.can_undo(same)
