import pytest
from django.urls import reverse

from crossmatrix.accounts.rules import Role
from crossmatrix.jobs.models import JobRun
from crossmatrix.matrix.models import Pair
from crossmatrix.publishing import tasks
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.publishing.services import preview, releases
from crossmatrix.publishing.services.plan import plan_next
from tests.factories import SupplierFactory, member
from tests.publishing.factories import NOW, channel, links_of, look_taken, pair, product, revise
from tests.publishing.readers import read_woocommerce

pytestmark = pytest.mark.django_db


@pytest.fixture
def integrator(client):
    user = member(Role.INTEGRATOR, name="Ирина Савельева")
    client.force_login(user)
    return user


@pytest.fixture
def shop():
    return channel(name="Main shop")


@pytest.fixture
def released(shop):
    links_of(product("M1"), product("C1", price="10"), product("C2", price="10"))
    return releases.cut_release(channel=shop, actor=None, at=NOW, note="first note")


def url(name, *args):
    return reverse(f"publishing:{name}", args=args)


def page(client, address, **headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


READ = [("channels",), ("channel", "shop"), ("next", "shop"), ("releases", "shop"), ("release", "shop", 1), ("download", "shop", 1, "shop-1.csv")]  # fmt: skip
ASK = [("look", "shop")]
CUT = [("cut", "shop"), ("roll_back", "shop", 1)]
EDIT = [("create",), ("settings", "shop")]
READERS = {Role.CATEGORY_MANAGER, Role.HEAD, Role.ANALYST, Role.INTEGRATOR, Role.ADMIN}
CUTTERS = READERS - {Role.ANALYST}
EDITORS = {Role.INTEGRATOR, Role.ADMIN}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPPLIER])
def test_each_role_reaches_what_it_may_and_nothing_else(client, released, role):
    client.force_login(member(role))

    for doors, allowed, method in (
        (READ, READERS, "get"),
        (ASK, READERS, "post"),
        (EDIT, EDITORS, "get"),
        (CUT, CUTTERS, "post"),
    ):
        for door in doors:
            status = getattr(client, method)(url(*door)).status_code
            assert (status in (200, 302)) if role in allowed else status == 403, (role, door, status)

    ordered = set(JobRun.objects.values_list("task", flat=True))
    assert ordered == ({preview.LOOK} if role in READERS else set()) | (
        {releases.ROLL_BACK} if role in CUTTERS else set()
    )


def test_a_supplier_does_not_even_learn_that_channels_exist(client, released):
    client.force_login(member(Role.SUPPLIER, supplier=SupplierFactory()))

    assert {client.get(url(*door)).status_code for door in [*READ, *EDIT]} == {404}
    assert {client.post(url(*door)).status_code for door in [*ASK, *CUT]} == {404}
    assert not JobRun.objects.exists()


def test_a_stranger_is_sent_to_the_sign_in(client, released):
    answer = client.get(url("channels"))

    assert (answer.status_code, "sign-in" in answer.url) == (302, True)


@pytest.mark.parametrize("door", [("channel", "no"), ("release", "shop", 9), ("download", "shop", 1, "secret.txt"), ("progress", "shop", 99)])  # fmt: skip
def test_what_is_not_there_is_not_found(client, integrator, released, door):
    assert client.get(url(*door)).status_code == 404


def test_the_list_shows_what_each_channel_shows_now(client, integrator, released):
    channel("empty", name="Empty one")

    html = page(client, url("channels"))

    assert "Main shop" in html
    assert url("release", "shop", 1) in html
    assert "Empty one" in html


def test_the_next_release_shows_what_comes_and_what_stays_out_with_its_reason(client, integrator, shop):
    links_of(product("M1"), product("C1", price="10"))
    pair(product("M2"), product("id:5", price="10"))
    Pair.objects.filter(pk=pair(product("M3"), product("C3", price="10")).pk).update(
        verdict="not_suitable", verdict_reason="melts"
    )

    look_taken(shop)

    changes, left = (page(client, f"{url('next', 'shop')}?tab={tab}", hx_request="true") for tab in ("changes", "left"))

    assert "Product C1" in changes
    assert "melts" not in changes
    assert "melts" in left
    assert "id:5" in left
    assert "<html" not in changes
    assert "<html" in page(client, url("next", "shop"))
    assert not JobRun.objects.exists()


def test_one_reason_can_be_looked_at_alone(client, integrator, shop):
    pair(product("M2"), product("id:5", price="10"))
    pair(product("M1"), product("empty", price="10", stock=0))
    look_taken(shop)

    html = page(client, f"{url('next', 'shop')}?tab=left&why=out_of_stock", hx_request="true")

    assert "Product empty" in html
    assert "Product id:5" not in html


def test_a_cut_from_the_screen_becomes_live_and_its_file_can_be_fetched(client, integrator, shop):
    links_of(product("M1"), product("C1", price="10"))
    seal = plan_next(channel=shop, at=NOW).sha256

    ordered = client.post(url("cut", "shop"), {"expected": seal, "note": "Sale"})
    job = JobRun.objects.get()
    waiting = page(client, url("progress", "shop", job.pk))
    tasks.cut_release(**job.arguments)
    done = client.get(url("progress", "shop", job.pk))
    file = client.get(url("download", "shop", 1, "shop-1.csv"))

    assert ordered.url == f"{url('channel', 'shop')}?job={job.pk}"
    assert 'hx-trigger="every 1s"' in waiting
    assert done["HX-Redirect"] == url("release", "shop", 1)
    assert "every 1s" not in done.content.decode()
    assert read_woocommerce(file.content)[0] == {("M1", "cross-sells"): ["C1"]}
    assert file["Content-Disposition"] == 'attachment; filename="shop-1.csv"'
    assert (Release.objects.get().cut_by, Release.objects.get().note) == (integrator, "Sale")


def test_a_release_made_before_the_page_comes_is_opened_at_once_and_the_way_back_stays_open(client, integrator, shop):
    links_of(product("M1"), product("C1", price="10"))
    ordered = client.post(url("cut", "shop"), {"expected": plan_next(channel=shop, at=NOW).sha256})
    tasks.cut_release(**JobRun.objects.get().arguments)

    there = client.get(ordered.url, follow=True)
    back = client.get(ordered.url)

    assert there.redirect_chain == [(url("release", "shop", 1), 302)]
    assert [str(message) for message in there.context["messages"]] == ["Выпуск № 1 на витрине."]
    assert back.status_code == 200
    assert url("release", "shop", 1) in back.content.decode()


def test_a_cut_of_something_that_changed_meanwhile_says_so_and_changes_nothing(client, integrator, shop):
    links_of(product("M1"), product("C1", price="10"))
    seal = plan_next(channel=shop, at=NOW).sha256
    links_of(product("M2"), product("C2", price="10"))
    client.post(url("cut", "shop"), {"expected": seal})
    job = JobRun.objects.get()
    tasks.cut_release(**job.arguments)

    html = page(client, f"{url('channel', 'shop')}?job={job.pk}")

    assert 'role="alert"' in html
    assert not Release.objects.exists()


def test_a_cut_without_having_looked_is_refused(client, integrator, shop):
    answer = client.post(url("cut", "shop"), {"note": "x"})

    assert answer.url == url("channel", "shop")
    assert not JobRun.objects.exists()


def test_the_job_of_another_channel_is_not_shown(client, integrator, shop, released):
    channel("other")
    releases.order_cut(channel=Channel.objects.get(code="other"), actor=integrator, at=NOW)

    assert client.get(url("progress", "shop", JobRun.objects.get().pk)).status_code == 404


def test_a_release_tells_its_links_its_changes_and_its_seal(client, integrator, released):
    revise(Pair.objects.get(companion__sku="C1"), reason="much better")
    second = releases.cut_release(channel=released.channel, actor=integrator, at=NOW)

    links = page(client, url("release", "shop", 2))
    changed = page(client, f"{url('release', 'shop', 2)}?tab=changed")

    assert "Product C2" in links
    assert second.sha256 in links
    assert "<del>because</del>" in changed
    assert "<ins>much better</ins>" in changed
    assert "Product C2" not in changed


def test_a_roll_back_from_the_screen_is_ordered_for_the_worker(client, integrator, released):
    revise(Pair.objects.get(companion__sku="C1"), reason="worse")
    releases.cut_release(channel=released.channel, actor=None, at=NOW)

    client.post(url("roll_back", "shop", 1))
    tasks.roll_back(**JobRun.objects.get().arguments)

    assert list(Release.objects.order_by("number").values_list("number", "rolled_back_from__number")) == [(1, None), (2, None), (3, 1)]  # fmt: skip


def test_the_pages_ask_the_database_the_same_number_of_times_for_many_rows(client, integrator, shop, django_assert_max_num_queries):  # fmt: skip
    links_of(product("M0"), product("C0", price="10"))
    for number in range(8):
        links_of(product(f"M{number + 1}"), product(f"X{number}", price="10"))
        releases.cut_release(channel=shop, actor=integrator, at=NOW)
        channel(f"more-{number}")

    for door in (("channels",), ("releases", "shop"), ("release", "shop", 8), ("channel", "shop")):
        with django_assert_max_num_queries(16):
            page(client, url(*door))


FORM = {"name": "New shop", "code": "fresh", "format": "woocommerce", "cap": "3", "placements": ["cart"], "set_upsells": "required", "set_delimiter": "comma"}  # fmt: skip


def test_a_channel_is_made_on_the_screen(client, integrator):
    answer = client.post(url("create"), FORM)

    made = Channel.objects.get()
    assert answer.url == url("channel", "fresh")
    assert (made.name, made.cap, made.placements, made.settings["upsells"]) == ("New shop", 3, ["cart"], "required")


def test_a_taken_code_is_said_on_the_form(client, integrator, shop):
    answer = client.post(url("create"), {**FORM, "code": "shop"})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Channel.objects.count() == 1


def test_the_fields_follow_the_chosen_format(client, integrator, shop):
    woo, excel = (page(client, f"{url('settings', 'shop')}?format={form}") for form in ("woocommerce", "excel"))

    assert ("set_upsells" in woo, "set_upsells" in excel, "set_language" in excel) == (True, False, True)


def test_an_edit_of_an_older_version_is_refused_and_keeps_what_was_typed(client, integrator, shop):
    edit = {**FORM, "version": "1", "active": "on"}
    client.post(url("settings", "shop"), {**edit, "name": "First"})

    answer = client.post(url("settings", "shop"), {**edit, "name": "Second"})

    assert answer.status_code == 409
    assert "Second" in answer.content.decode()
    assert Channel.objects.get().name == "First"
