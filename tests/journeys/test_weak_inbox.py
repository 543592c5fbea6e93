"""The inbox of weak pairs by keyboard in a real browser: walking the queue, dropping, keeping with a reason."""

import pytest
from django.utils import timezone

from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag
from crossmatrix.matrix.models import Pair
from tests.factories import CategoryFactory, ProductFactory
from tests.insights.factories import approved_pair
from tests.journeys.browser_page import accessibility_violations
from tests.journeys.live import press, until

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def flags(people):
    """Three cases of a phone that are out of stock."""
    phone = ProductFactory(sku="phone", name="Смартфон", category=CategoryFactory(name="Смартфоны"), price="30000")
    cases = CategoryFactory(name="Чехлы")
    for number in range(3):
        case = ProductFactory(sku=f"C{number}", name=f"Чехол {number}", category=cases, price="900", cost="1", stock=0)
        approved_pair(phone, case, reason="Защита")
    services.flag_fixed_causes(at=timezone.now())
    return [flag.pair.companion.name for flag in WeakFlag.objects.select_related("pair__companion").order_by("-pk")]


@pytest.fixture
def inbox(enter, flags):
    return enter("/evidence/weak/", theme="dark")


def shown(page):
    return page.locator("#pairh").inner_text()


def test_j_walks_down_the_queue_and_shift_j_up_again(inbox, flags):
    assert flags[0] in shown(inbox)

    press(inbox, "j")
    until(inbox, lambda: flags[1] in shown(inbox))
    press(inbox, "Shift+J")
    until(inbox, lambda: flags[0] in shown(inbox))

    assert accessibility_violations(inbox) == []


def test_d_drops_the_pair_and_goes_on_to_the_next(inbox, flags):
    press(inbox, "d")
    until(inbox, lambda: flags[1] in shown(inbox))

    dropped = Pair.objects.get(companion__name=flags[0])
    assert dropped.approved is None
    assert WeakFlag.objects.get(pair=dropped).decision == "retire"


def test_a_key_held_down_decides_on_one_pair_and_never_on_the_next_unseen(inbox, flags):
    inbox.keyboard.down("d")
    until(inbox, lambda: flags[1] in shown(inbox))
    inbox.wait_for_load_state("load")
    for _repeat in range(5):
        inbox.keyboard.down("d")
    inbox.wait_for_timeout(500)

    assert flags[1] in shown(inbox)
    assert WeakFlag.objects.exclude(decision="").count() == 1

    inbox.keyboard.up("d")
    press(inbox, "d")
    until(inbox, lambda: WeakFlag.objects.exclude(decision="").count() == 2)


def test_a_decision_sent_again_before_its_answer_reaches_the_server_once(inbox, flags):
    posts = []
    inbox.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)

    inbox.evaluate("""() => {
        const again = () => document.querySelector("[data-key=KeyD]").click();
        again();
        [0, 5, 10].forEach((after) => setTimeout(again, after));
    }""")
    until(inbox, lambda: flags[1] in shown(inbox))

    assert len(posts) == 1
    assert inbox.locator("#toasts [data-toast=error]").count() == 0


def test_h_puts_off_and_k_keeps_both_with_a_reason(inbox, flags):
    for key, reason, following in (("h", "Поставка в декабре", 1), ("k", "Товар под заказ", 2)):
        press(inbox, key)
        until(inbox, lambda: inbox.locator("dialog[open] input[name=note]").count() == 1)
        inbox.locator("dialog[open] input[name=note]").fill(reason)
        press(inbox, "Enter")
        until(inbox, lambda at=following: flags[at] in shown(inbox))

    decided = WeakFlag.objects.exclude(decision="").order_by("-pk")
    assert [(flag.note, flag.keep_until is not None) for flag in decided] == [
        ("Поставка в декабре", True), ("Товар под заказ", False),
    ]  # fmt: skip


def test_checking_now_shows_its_progress_on_the_inbox(inbox, flags):
    inbox.get_by_role("button", name="Проверить сейчас").click()
    until(inbox, lambda: inbox.locator(".wjob .job").count() == 1)

    assert "/evidence/weak/" in inbox.url
    assert flags[0] in shown(inbox)
