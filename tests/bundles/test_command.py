import json

import pytest
from django.core.management import call_command

from crossmatrix.bundles.models import Bundle, BundleRevision

pytestmark = pytest.mark.django_db


@pytest.fixture
def bundle(world, capsys):
    """The command as a person would type it: (exit code, JSON, standard error)."""

    def run(*words, actor):
        code = 0
        try:
            call_command("bundle", *words, "--actor", getattr(world, actor).email, "--json", "--language", "en")
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return run


DRAFT = (
    "draft", "CON-1:1", "CAB-1:2", "--name", "Set", "--price", "10500", "--from", "2027-03-01", "--to", "2027-03-31", "--stock", "20",
)  # fmt: skip


def test_from_draft_to_approval(bundle):
    code, drafted, _ = bundle(*DRAFT, actor="author")
    _, submitted, _ = bundle("submit", drafted["bundle"], actor="author")
    _, claimed, _ = bundle("claim", drafted["bundle"][:8], actor="manager")
    _, approved, _ = bundle("approve", drafted["bundle"], actor="manager")

    assert code == 0
    assert [answer["state"] for answer in (drafted, submitted, claimed, approved)] == [
        "draft",
        "submitted",
        "in_review",
        "approved",
    ]
    assert drafted["items"] == [
        {"sku": "CON-1", "quantity": 1, "role": "main"}, {"sku": "CAB-1", "quantity": 2, "role": "companion"},
    ]  # fmt: skip


def test_errors_of_a_submission_come_all_at_once(bundle):
    _, drafted, _ = bundle("draft", "CON-1:1", actor="author")

    code, answer, _ = bundle("submit", drafted["bundle"], actor="author")

    assert code == 3
    assert {finding["code"] for finding in answer["findings"]} == {
        "name.missing", "items.few", "price.missing", "window.missing", "stock.missing",
    }  # fmt: skip
    assert BundleRevision.objects.get().state == "draft"


def test_own_approval_is_refused_with_its_code(bundle):
    _, drafted, _ = bundle(*DRAFT, actor="author")
    bundle("submit", drafted["bundle"], actor="author")

    code, _, err = bundle("approve", drafted["bundle"], actor="author")

    assert code == 2
    assert err.startswith("approve.own: ")
    assert BundleRevision.objects.get().state == "submitted"


@pytest.mark.parametrize("who", ["rival", "stranger", "staff"])
def test_others_are_told_it_does_not_exist(bundle, who):
    _, drafted, _ = bundle(*DRAFT, actor="author")
    bundle("submit", drafted["bundle"], actor="author")

    for verb in ("show", "approve", "withdraw"):
        code, _, err = bundle(verb, drafted["bundle"], actor=who)
        assert (code, err.split(":")[0]) == (2, "bundle.unknown")

    assert BundleRevision.objects.get().state == "submitted"


def test_an_illegal_move_is_refused(bundle):
    _, drafted, _ = bundle(*DRAFT, actor="author")
    bundle("submit", drafted["bundle"], actor="author")
    bundle("approve", drafted["bundle"], actor="manager")

    code, _, err = bundle("approve", drafted["bundle"], actor="manager")

    assert (code, err.split(":")[0]) == (2, "move.illegal")


@pytest.mark.parametrize(
    ("words", "code"),
    [(("CON-1:x",), "item.unreadable"), (("CON-1:0",), "item.unreadable"), (("FOR-1:1",), "sku.unknown"), (("CON-1:1", "--price", "dear"), "number.unreadable"), (("CON-1:1", "--from", "soon"), "date.unreadable")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(bundle, words, code):
    exit_code, _, err = bundle("draft", *words, actor="author")

    assert (exit_code, err.split(":")[0]) == (2, code)
    assert not Bundle.objects.exists()


def test_return_change_withdraw_and_list(bundle):
    _, drafted, _ = bundle(*DRAFT, actor="author")
    bundle("submit", drafted["bundle"], actor="author")
    _, returned, _ = bundle("return", drafted["bundle"], "--comment", "Cheaper", actor="manager")
    _, changed, _ = bundle(*DRAFT, "--bundle", drafted["bundle"], "--stock", "7", actor="author")
    _, withdrawn, _ = bundle("withdraw", drafted["bundle"], actor="author")
    _, listed, _ = bundle("list", actor="author")
    _, foreign, _ = bundle("list", actor="rival")

    assert [answer["state"] for answer in (returned, changed, withdrawn)] == [
        "needs_changes",
        "needs_changes",
        "withdrawn",
    ]
    assert (changed["revision"], changed["stock"]) == (2, 7)
    assert [row["bundle"] for row in listed] == [drafted["bundle"]]
    assert foreign == []


def test_a_supplier_reads_no_internal_findings(bundle, world):
    type(world.console).objects.filter(pk=world.console.pk).update(cost=None)
    _, drafted, _ = bundle(*DRAFT, actor="author")
    _, submitted, _ = bundle("submit", drafted["bundle"], actor="author")

    _, shown, _ = bundle("show", drafted["bundle"], actor="manager")

    assert submitted["findings"] == []
    assert [finding["code"] for finding in shown["findings"]] == ["margin.unknown"]
