"""A request that is given up, because the next one overtakes it or the page is left, is no error of the page."""

import pytest

from crossmatrix.accounts.rules import Role
from tests.factories import ProductFactory, member
from tests.journeys.browser_page import sign_in, watched_page

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waiting(browser, live_server):
    """The catalog with a search under way that is not answered; what the browser complains of."""
    ProductFactory(name="Кабель HDMI")
    person = member(Role.CATEGORY_MANAGER)
    person.set_password("demo")
    person.save()
    page, watched = watched_page(browser, base_url=live_server.url)
    sign_in(page, person.email)
    page.goto("/products/")
    page.route("**/products/?*q=%D0%BA&*", lambda route: None)  # «к», for ever
    page.route("**/products/?*q=%D0%BA", lambda route: None)
    with page.expect_request("**/products/?*q=*"):
        page.locator("#product-q").press_sequentially("к")
    yield page, watched
    page.context.close()


def test_a_search_overtaken_by_the_next_letters_leaves_the_console_clean(waiting):
    page, watched = waiting

    with page.expect_response("**/products/?*q=*"):
        page.locator("#product-q").press_sequentially("аб")

    page.locator("#product-list").get_by_text("Кабель HDMI").first.wait_for()
    assert watched.complaints == []


def test_a_page_left_while_it_waits_leaves_the_console_clean(waiting):
    page, watched = waiting

    page.evaluate("stop()")  # what leaving does to it, with the page still there to ask

    assert watched.complaints == []
