import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Role
from tests.factories import CategoryFactory, SupplierFactory, member

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/"


@pytest.fixture
def manager():
    cache.clear()
    person = member(Role.CATEGORY_MANAGER, email="elena@shop.test", name="Елена Ковалёва", language="ru")
    person.set_password("right")
    person.save()
    return person


def attempt(client, email="elena@shop.test", password="right", **more):
    return client.post(SIGN_IN, {"username": email, "password": password, **more})


def test_a_person_without_sign_in_is_sent_to_sign_in_and_back(client, manager):
    first = client.get("/jobs/?state=done")
    then = attempt(client, next="/jobs/?state=done")

    assert first.url == "/account/sign-in/?next=/jobs/%3Fstate%3Ddone"
    assert then.url == "/jobs/?state=done"


def test_the_sign_in_page_opens_for_everybody(client):
    answer = client.get(SIGN_IN)

    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("email", ["elena@shop.test", " Elena@Shop.TEST "])
def test_an_e_mail_is_known_however_it_is_typed(client, manager, email):
    answer = attempt(client, email=email)

    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(manager.pk)


@pytest.mark.parametrize(("email", "password"), [("elena@shop.test", "wrong"), ("nobody@shop.test", "right"), ("", "")])
def test_a_wrong_sign_in_is_refused_in_words_and_signs_nobody_in(client, manager, email, password):
    answer = attempt(client, email=email, password=password)

    assert answer.status_code == 422
    assert "_auth_user_id" not in client.session
    assert 'class="err"' in answer.content.decode() or "не подходят друг к другу" in answer.content.decode()


def test_a_wrong_password_and_an_unknown_person_read_the_same(client, manager):
    wrong = attempt(client, password="wrong").content.decode()
    unknown = attempt(client, email="nobody@shop.test").content.decode()

    assert "не подходят друг к другу" in wrong
    assert "не подходят друг к другу" in unknown


def test_after_too_many_attempts_even_the_right_password_waits(client, manager, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        last = attempt(client, password="wrong")

    right = attempt(client)

    assert last.status_code == 429
    assert right.status_code == 429
    assert "Слишком много попыток" in right.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(client, manager, elsewhere):
    assert attempt(client, next=elsewhere).url == "/"


def test_a_demo_button_signs_in_only_in_the_demo(client, settings):
    person = User.objects.create_user("head@demo", "demo", name="Мария Орлова")

    settings.DEMO = False
    shut = client.post(SIGN_IN, {"demo": "head@demo"})
    shown = "head@demo" in client.get(SIGN_IN).content.decode()
    settings.DEMO = True
    offered = 'value="head@demo"' in client.get(SIGN_IN).content.decode()
    opened = client.post(SIGN_IN, {"demo": "head@demo"})

    assert (shut.status_code, shown, offered, opened.status_code) == (422, False, True, 302)
    assert client.session["_auth_user_id"] == str(person.pk)


def test_the_persons_language_and_theme_come_with_the_sign_in(client, manager):
    User.objects.filter(pk=manager.pk).update(language="en", theme="dark")

    answer = attempt(client)

    assert answer.cookies["django_language"].value == "en"
    assert answer.cookies["theme"].value == "dark"


def test_what_this_browser_chose_before_stays(client, manager):
    client.cookies["django_language"] = "ru"
    client.cookies["theme"] = "light"
    User.objects.filter(pk=manager.pk).update(language="en", theme="dark")

    answer = attempt(client)

    assert "django_language" not in answer.cookies
    assert "theme" not in answer.cookies


def test_signing_out_is_a_post(client, manager):
    client.force_login(manager)

    looked = client.get("/account/sign-out/")
    still = "_auth_user_id" in client.session
    out = client.post("/account/sign-out/")

    assert (looked.status_code, still) == (405, True)
    assert out.url == SIGN_IN
    assert "_auth_user_id" not in client.session


def test_somebody_signed_in_is_led_on_from_the_sign_in_page(client, manager):
    client.force_login(manager)

    assert client.get(f"{SIGN_IN}?next=/jobs/").url == "/jobs/"


def test_the_language_is_switched_before_and_after_signing_in(client, manager):
    before = client.post(reverse("accounts:language"), {"language": "en", "next": SIGN_IN})
    page = client.get(SIGN_IN).content.decode()
    client.force_login(manager)
    client.post(reverse("accounts:language"), {"language": "en", "next": "/"})
    manager.refresh_from_db()

    assert before.url == SIGN_IN
    assert '<html lang="en"' in page
    assert manager.language == "en"


@pytest.mark.parametrize(("wanted", "kept"), [("dark", "dark"), ("", ""), ("pink", "")])
def test_the_theme_is_kept_with_the_person(client, manager, wanted, kept):
    client.force_login(manager)

    answer = client.post(reverse("accounts:theme"), {"theme": wanted, "next": "/jobs/"})
    manager.refresh_from_db()

    assert answer.url == "/jobs/"
    assert answer.cookies["theme"].value == kept
    assert manager.theme == kept


def test_the_profile_keeps_name_language_and_theme(client, manager):
    client.force_login(manager)

    answer = client.post(reverse("accounts:profile"), {"name": "Елена К.", "language": "en", "theme": "light"})
    page = client.get(reverse("accounts:profile")).content.decode()
    manager.refresh_from_db()

    assert answer.status_code == 302
    assert (manager.name, manager.language, manager.theme) == ("Елена К.", "en", "light")
    assert "Saved." in page
    assert "Елена К." in page


def test_a_profile_without_a_name_changes_nothing(client, manager):
    client.force_login(manager)

    answer = client.post(reverse("accounts:profile"), {"name": "", "language": "en"})
    manager.refresh_from_db()

    assert answer.status_code == 422
    assert (manager.name, manager.language) == ("Елена Ковалёва", "ru")


def test_a_supplier_finds_the_way_back_to_the_portal_on_the_profile(client, manager):
    client.force_login(manager)
    staff = client.get(reverse("accounts:profile")).content.decode()
    client.force_login(member(Role.SUPPLIER, supplier=SupplierFactory()))
    supplier = client.get(reverse("accounts:profile")).content.decode()

    own, shop = (reverse(name) for name in ("portal:products", "catalog:products"))
    assert [(f'href="{own}"' in html, f'href="{shop}"' in html) for html in (staff, supplier)] == [(False, True), (True, False)]  # fmt: skip


def test_the_profile_says_where_each_role_holds(client):
    phones = CategoryFactory(name="Смартфоны")
    client.force_login(member(Role.HEAD, category=phones))

    html = client.get(reverse("accounts:profile")).content.decode()

    assert "Руководитель категории" in html
    assert "Смартфоны" in html


def test_a_page_reads_the_roles_of_its_person_once(client, manager):
    client.force_login(manager)

    with CaptureQueriesContext(connection) as asked:
        client.get("/ui/commands/?q=")

    assert sum('FROM "accounts_membership"' in query["sql"] for query in asked.captured_queries) == 1
