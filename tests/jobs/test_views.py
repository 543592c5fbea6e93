import json

import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.jobs import services
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import Refusal
from tests.factories import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(now):
    def ordered(actor, **fields):
        count = JobRun.objects.count()
        values = {"task": "crossmatrix.imports.tasks.apply", "digest": str(count), "next_at": now, "created_at": now}
        return JobRun.objects.create(actor=actor, **values | fields)

    return ordered


@pytest.fixture
def staff():
    return member(Role.STAFF)


@pytest.fixture
def manager():
    return member(Role.CATEGORY_MANAGER, name="Елена Ковалёва")


def test_the_list_names_the_work_its_state_and_who_ordered_it(client, manager, order, now):
    order(manager, state="running", progress=31200, total=50000, message="товары", started_at=now)
    order(None, state="failed", error_code="job.ended", error="This job has already ended.")
    client.force_login(manager)

    html = client.get(reverse("jobs:list")).content.decode()

    assert "Применение загрузки" in html
    assert 'aria-valuenow="62.4"' in html
    assert "31\u00a0200 / 50\u00a0000" in html
    assert "Елена Ковалёва" in html
    assert "Система" in html
    assert "Это задание уже завершилось." in html


def test_a_refusal_with_values_is_told_in_the_language_of_the_reader(client, manager, now):
    run = services.order("crossmatrix.matrix.tasks.recheck_ratios", at=now)
    with services.claimed(run.task, at=now):
        raise Refusal("There is no product “%(sku)s”.", code="product.unknown", sku="00012")
    client.force_login(manager)

    html = client.get(reverse("jobs:list")).content.decode()

    assert "Товара с артикулом «00012» нет." in html


def test_without_the_permission_a_person_sees_only_their_own(client, staff, manager, order):
    mine, others = order(staff), order(manager)
    client.force_login(staff)

    html = client.get(reverse("jobs:list")).content.decode()

    assert f"№ {mine.pk}<" in html
    assert f"№ {others.pk}<" not in html
    assert client.get(reverse("jobs:progress", args=[mine.pk])).status_code == 200
    assert client.get(reverse("jobs:progress", args=[others.pk])).status_code == 404
    assert client.post(reverse("jobs:cancel", args=[others.pk])).status_code == 404
    others.refresh_from_db()
    assert others.state == "queued"


def test_a_running_job_asks_for_itself_and_a_finished_one_stops_and_tells_the_page(client, manager, order, now):
    running = order(manager, state="running", started_at=now)
    done = order(manager, state="done", started_at=now, finished_at=now)
    client.force_login(manager)

    first = client.get(reverse("jobs:progress", args=[running.pk]))
    last = client.get(reverse("jobs:progress", args=[done.pk]))

    assert 'hx-trigger="every 1s"' in first.content.decode()
    assert "HX-Trigger" not in first.headers
    assert "hx-get" not in last.content.decode()
    assert json.loads(last.headers["HX-Trigger"]) == {"jobFinished": {"job": done.pk, "state": "done"}}


def test_a_job_is_stopped_by_htmx_in_place(client, manager, order):
    run = order(manager)
    client.force_login(manager)

    answer = client.post(reverse("jobs:cancel", args=[run.pk]), headers={"HX-Request": "true"})
    run.refresh_from_db()

    assert run.state == "cancelled"
    assert f'id="job-{run.pk}"' in answer.content.decode()
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["kind"] == "ok"


def test_a_job_that_ended_cannot_be_stopped(client, manager, order):
    run = order(manager, state="done")
    client.force_login(manager)

    answer = client.post(reverse("jobs:cancel", args=[run.pk]), headers={"HX-Request": "true"})
    run.refresh_from_db()

    assert answer.status_code == 409
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Это задание уже завершилось."
    assert run.state == "done"


def test_a_poisonous_job_says_how_often_it_was_tried(client, manager, order):
    order(manager, state="failed", error_code="poison", error="Traceback: secret", max_attempts=5)
    client.force_login(manager)

    html = client.get(reverse("jobs:list")).content.decode()

    assert "Сломалось 5 раз подряд" in html
    assert "secret" not in html


def test_the_list_filters_by_state_and_by_mine(client, manager, order):
    order(manager, state="done")
    order(None, state="done")
    failed = order(None, state="failed")
    client.force_login(manager)

    by_state = client.get(reverse("jobs:list"), {"state": "failed"}).content.decode()
    mine = client.get(reverse("jobs:list"), {"mine": "on"}).content.decode()

    assert f"№ {failed.pk}<" in by_state
    assert by_state.count('xs t3 num">№') == 1
    assert mine.count('xs t3 num">№') == 1


def test_the_list_asks_the_database_as_often_for_many_as_for_one(client, manager, order, django_assert_max_num_queries):
    for _ in range(30):
        order(manager, state="done")
    client.force_login(manager)

    with django_assert_max_num_queries(12):
        client.get(reverse("jobs:list"))
