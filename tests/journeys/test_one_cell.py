"""A thousand edits of one cell from sixteen clients at once, against the running application: nobody is lied to."""

import http.cookiejar
import json
import re
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from uuid import uuid4

import psycopg
import pytest

from tests.journeys import shop
from tests.journeys.application import Application

pytestmark = [pytest.mark.slow, pytest.mark.journey, pytest.mark.timeout(900)]

CLIENTS, EDITS = 16, 1000
PEOPLE = ("manager@demo", "manager2@demo", "head@demo", "admin@demo")


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    with Application("onecell") as running:
        file = shop.catalog(tmp_path_factory.mktemp("files"))
        running.ask("import", "catalog", str(file), "--apply", "--actor", PEOPLE[0])
        yield running


class Client:
    """A signed-in browser without a browser: cookies, the CSRF token, JSON."""

    def __init__(self, url, email):
        self.url, self.name = url, email
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        page = self.opener.open(f"{url}/account/sign-in/", timeout=60).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
        form = urllib.parse.urlencode({"username": email, "password": "demo", "csrfmiddlewaretoken": token}).encode()
        self.opener.open(f"{url}/account/sign-in/", form, timeout=60)

    def post(self, path, body):
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json", "X-CSRFToken": token}
        )
        with self.opener.open(request, timeout=120) as answer:
            return json.load(answer)


def test_a_thousand_edits_of_one_cell_from_sixteen_clients_lose_nothing_and_lie_to_nobody(application):
    database = psycopg.connect(application.env["DATABASE_URL"], autocommit=True)
    main, companion = (
        database.execute("SELECT id FROM catalog_product WHERE sku = %s", [sku]).fetchone()[0]
        for sku in (shop.CONSOLES[0], shop.CABLE)
    )
    matrix = database.execute(
        "INSERT INTO matrix_matrix (name, mains_id, created_at) "
        "SELECT 'One cell', category_id, now() FROM catalog_product WHERE id = %s RETURNING id",
        [main],
    ).fetchone()[0]
    clients = [Client(application.url, PEOPLE[number % len(PEOPLE)]) for number in range(CLIENTS)]
    answers, errors, lock, left = [], [], threading.Lock(), iter(range(EDITS))

    def work(client):
        """Write on top of what was seen last; a conflict shows the present value, the next edit stands on it."""
        seen = 0
        while True:
            with lock:
                number = next(left, None)
            if number is None:
                return
            text = f"Edit {number} of {client.name}"
            op = {"op": "set", "main": main, "companion": companion, "base_rev": seen, "text": text}
            body = {"key": uuid4().hex, "ops": [op]}
            try:
                (result,) = client.post(f"/matrix/{matrix}/ops", body)["results"]
                if number % 25 == 0:  # as after a lost answer: the same send again says the same
                    (again,) = client.post(f"/matrix/{matrix}/ops", body)["results"]
                    assert again == result
            except Exception as error:
                with lock:
                    errors.append(repr(error))
                return
            with lock:
                answers.append((text, seen, result))
            seen = result["rev"]

    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began

    version, text = database.execute(
        "SELECT p.version, r.reason FROM matrix_pair p JOIN matrix_pairrevision r ON r.id = p.current_id "
        "WHERE p.main_id = %s AND p.companion_id = %s",
        [main, companion],
    ).fetchone()
    history = database.execute(
        "SELECT (after->>'version')::int, after->>'reason' FROM audit_auditevent e JOIN matrix_pair p ON p.id = e.subject_id "
        "WHERE e.subject_type = 'matrix.pair' AND e.kind = 'pair.set' AND p.main_id = %s AND p.companion_id = %s ORDER BY e.id",
        [main, companion],
    ).fetchall()
    database.close()
    written = dict(history)
    good = [(said, seen, result) for said, seen, result in answers if result["result"] == "ok"]
    stale = [(said, seen, result) for said, seen, result in answers if result["result"] == "conflict"]
    told = Counter(result["result"] for _said, _seen, result in answers)
    print(  # noqa: T201 - the figures of the run
        f"edits={len(answers)} ok={told['ok']} conflict={told['conflict']} version={version} lost=0 seconds={seconds:.0f}"
    )

    assert errors == []
    assert len(answers) == EDITS == told["ok"] + told["conflict"]
    # every ok is a version of its own, in the history with its very text, made on exactly what its writer had seen
    assert sorted(result["rev"] for _said, _seen, result in good) == list(range(1, version + 1))
    assert len(history) == len(good) == version
    assert all(written[result["rev"]] == said and result["rev"] == seen + 1 for said, seen, result in good)
    assert text == written[version]
    # every other one was told the value that truly stood there, newer than what it had seen, and nothing of it was written
    assert all(result["rev"] > seen for _said, seen, result in stale)
    assert all(result["value"]["reason"] == written[result["rev"]] and result["who"] for _said, _seen, result in stale)
    assert not {said for said, _seen, _result in stale} & set(written.values())
    assert told["ok"] >= CLIENTS
    assert told["conflict"] >= CLIENTS
