"""The frame in a real browser: sign-in, first page, gallery, jobs; keys, dialogs, themes, languages, accessibility."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crossmatrix.jobs.models import JobRun
from tests.journeys.browser_page import accessibility_violations, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LOOKS = [("light", "ru"), ("dark", "ru"), ("light", "en"), ("dark", "en")]


@pytest.fixture
def manager(people):
    return people["manager@demo"]


@pytest.fixture
def opened(enter, manager):
    """A page of the manager."""

    def open_page(address="/", *, signed_in=True, **options):
        return enter(address, "manager@demo" if signed_in else "", **options)

    return open_page


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_pages_of_the_frame_have_no_accessibility_violation(opened, manager, theme, language):
    now = timezone.now()
    JobRun.objects.create(
        task="crossmatrix.imports.tasks.apply", digest="a", state="running", progress=3, total=10, next_at=now,
        created_at=now, started_at=now, actor=manager,
    )  # fmt: skip
    page = opened("/account/sign-in/", signed_in=False, theme=theme, language=language)
    found = {"sign in": accessibility_violations(page)}
    sign_in(page, "manager@demo")

    for name in ("home:home", "ui:gallery", "jobs:list", "accounts:profile"):
        page.goto(reverse(name))
        found[name] = accessibility_violations(page)
    page.keyboard.press("Control+KeyK")
    page.wait_for_selector("#commands [role=option]")
    found["command menu"] = accessibility_violations(page)

    assert {name: problems for name, problems in found.items() if problems} == {}
    assert page.get_attribute("html", "data-theme") == theme
    assert page.get_attribute("html", "lang") == language


def test_the_command_menu_works_by_keys_alone_under_a_russian_layout(opened):
    page = opened("/")
    page.focus(".brand")

    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        "{code: 'KeyK', key: 'л', ctrlKey: true, bubbles: true, cancelable: true}))"
    )
    page.wait_for_selector("#commands[open] [role=option]")
    page.keyboard.type("зада")
    page.wait_for_selector("#commands a[href='/jobs/']")
    option = page.get_attribute("#commands input", "aria-activedescendant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/")

    assert option == "command-1"


def test_arrows_walk_the_command_menu_and_escape_gives_the_focus_back(opened):
    page = opened("/")
    page.focus(".brand")

    page.keyboard.press("Control+KeyK")
    page.wait_for_selector("#commands [role=option]")
    page.keyboard.press("ArrowUp")
    last = page.evaluate(
        "[...document.querySelectorAll('#commands [role=option]')].at(-1).getAttribute('aria-selected')"
    )
    page.keyboard.press("ArrowDown")
    first = page.evaluate("document.querySelector('#commands [role=option]').getAttribute('aria-selected')")
    page.keyboard.press("Escape")

    assert (last, first) == ("true", "true")
    assert page.evaluate("document.querySelector('#commands').open") is False
    assert page.evaluate("document.activeElement.className") == "brand"


def test_a_question_mark_opens_the_sheet_but_not_while_typing(opened):
    page = opened("/ui/")

    page.focus(".srch-in")
    page.keyboard.type("?")
    while_typing = page.evaluate("document.querySelector('#shortcuts').open")
    page.focus(".brand")
    page.keyboard.press("Shift+Slash")
    page.wait_for_selector("#shortcuts[open]")

    assert while_typing is False


def test_a_dialog_gives_the_focus_back_to_its_opener(opened):
    page = opened("/ui/")

    page.click("[data-dialog=example]")
    inside = page.evaluate("document.activeElement.closest('dialog')?.id")
    page.keyboard.press("Escape")

    assert inside == "example"
    assert page.evaluate("document.activeElement.dataset.dialog") == "example"


def test_good_news_leaves_and_bad_news_stays(opened):
    page = opened("/ui/")
    page.clock.install()

    page.click("[data-toast-kind=error]")
    page.click("[data-toast-show]:not([data-toast-kind])")
    both = page.locator(".toast").count()
    page.mouse.move(5, 5)
    page.focus(".brand")
    page.clock.run_for(7000)

    assert both == 2
    assert page.locator(".toast").count() == 1
    assert page.locator(".toast").get_attribute("data-toast") == "error"
    page.click("[data-toast-close]")
    assert page.locator(".toast").count() == 0


def test_the_theme_changes_at_once_and_the_server_remembers(opened, manager):
    page = opened("/", theme="light")

    with page.expect_response("**/account/theme/"):
        page.click("[data-theme-switch] button[value=dark]")
    at_once = page.get_attribute("html", "data-theme")
    page.reload()
    manager.refresh_from_db()

    assert (at_once, page.get_attribute("html", "data-theme")) == ("dark", "dark")
    assert manager.theme == "dark"
    assert page.get_attribute("[data-theme-switch] button[value=dark]", "aria-pressed") == "true"


@pytest.mark.parametrize(
    ("path", "width", "height"),
    [("/", 1024, 768), ("/", 640, 480), ("/", 390, 844), ("/matrix/", 1440, 900), ("/matrix/", 1280, 600)],
)
def test_the_theme_is_within_reach_of_the_keyboard_at_every_size(opened, path, width, height):
    page = opened(path, theme="light")
    page.set_viewport_size({"width": width, "height": height})
    shown = page.locator("[data-theme-switch] button:visible")
    taken = []

    shown.first.focus()
    for _ in range(shown.count() * 3 if shown.count() == 1 else 0):
        page.keyboard.press("Enter")
        taken.append(page.get_attribute("html", "data-theme"))
    boxes = [shown.nth(place).bounding_box() for place in range(shown.count())]

    assert shown.count() in (1, 3)
    assert taken in ([], ["dark", None, "light"])
    assert page.evaluate("document.activeElement.closest('[data-theme-switch]') !== null")
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= height for box in boxes)


def test_the_language_changes_the_page_in_place(opened):
    page = opened("/jobs/?state=done")

    page.click(".seg-lang button[value=en]")
    page.wait_for_load_state()

    assert page.inner_text("h1") == "Jobs"
    assert page.url.endswith("/jobs/?state=done")


def test_rows_are_selected_together_and_the_number_shows(opened):
    page = opened("/ui/")
    hidden_before = page.is_hidden("#bulk")

    page.check("[data-select-all]")
    all_of_them = page.inner_text("#bulk [data-selected-count]")
    page.locator("[data-select-row]").first.uncheck()

    assert hidden_before
    assert all_of_them == "3"
    assert page.inner_text("#bulk [data-selected-count]") == "2"
    assert page.evaluate("document.querySelector('[data-select-all]').indeterminate") is True


def test_a_filter_changes_the_list_alone_and_the_address(opened, manager):
    now = timezone.now()
    for number, state in enumerate(["done", "done", "failed"]):
        JobRun.objects.create(
            task=f"x.{state}", digest=str(number), state=state, next_at=now, created_at=now, actor=manager
        )
    page = opened("/jobs/")
    page.evaluate("document.querySelector('h1').dataset.same = 'yes'")

    page.focus("select[name=state]")
    page.select_option("select[name=state]", "failed")
    page.wait_for_selector("#list .chips")

    assert page.locator("#list tbody tr").count() == 1
    assert page.url.endswith("state=failed")
    assert page.evaluate("document.querySelector('h1').dataset.same") == "yes"
    assert page.evaluate("document.activeElement.name") == "state"


def test_stopping_a_job_asks_first(opened, manager):
    now = timezone.now()
    run = JobRun.objects.create(task="x.long", digest="a", next_at=now, created_at=now, actor=manager)
    page = opened("/jobs/")

    page.click("td .btn:has-text('Остановить')")
    page.click("#confirm button[value=no]")
    run.refresh_from_db()
    after_no = run.state
    page.click("td .btn:has-text('Остановить')")
    page.click("#confirm [data-confirm-yes]")
    page.wait_for_selector("tbody .st-retired")
    run.refresh_from_db()

    assert (after_no, run.state) == ("queued", "cancelled")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_nothing_of_the_frame_is_cut_off_sideways(opened, width, height):
    page = opened("/")
    page.set_viewport_size({"width": width, "height": height})

    for address in ("/", "/ui/", "/jobs/", "/account/"):
        page.goto(address)
        side = page.evaluate(
            "[...document.querySelectorAll('.side a, .side button')].filter((e) => e.offsetParent)"
            ".filter((e) => { const a = e.getBoundingClientRect(), s = e.closest('.side').getBoundingClientRect();"
            " return s.width < innerWidth && (a.right > s.right + 1 || a.left < s.left - 1); }).length"
        )
        wide = page.evaluate("document.documentElement.scrollWidth")

        assert side == 0, address
        assert wide <= width, address
