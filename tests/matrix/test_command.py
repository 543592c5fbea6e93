import json

import pytest
from django.core.management import call_command

from crossmatrix.matrix.models import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    def call(*words):
        try:
            call_command("pair", *words, "--json", "--language", "en")
        except SystemExit as end:
            return end.code, capsys.readouterr().err
        return 0, json.loads(capsys.readouterr().out)

    return call


def test_a_link_goes_from_the_command_line_to_approved(run, console, cable, writer, approver):
    two = (console.sku, cable.sku)

    _, written = run("set", *two, "--reason", "Connects", "--kind", "required", "--rank", "1", "--actor", writer.email)
    assert {key: written[key] for key in ("main", "companion", "state", "ratio", "verdict", "revision", "rank")} == {
        "main": "PS-5", "companion": "HDMI-2", "state": "draft", "ratio": 0.03, "verdict": "ok", "revision": 1, "rank": 1,
    }  # fmt: skip
    assert run("submit", *two, "--actor", writer.email)[1]["state"] == "in_review"
    assert run("approve", *two, "--actor", approver.email)[1]["state"] == "approved"
    assert run("list", "--state", "approved")[1][0]["companion"] == "HDMI-2"
    assert [one["kind"] for one in run("show", *two)[1]["history"]] == ["pair.approved", "pair.submitted", "pair.set"]
    assert run("retire", *two, "--actor", writer.email)[1]["state"] == "retired"


def test_refusals_end_with_2_and_begin_with_their_code(run, drafted, console, cable, writer, approver):
    two = (console.sku, cable.sku)

    assert run("approve", *two, "--actor", approver.email)[1].startswith("move.illegal: ")
    run("submit", *two, "--actor", writer.email)
    assert run("approve", *two, "--actor", writer.email) == (
        2, "approve.own: You wrote this pair or changed it: another person has to approve it.\n",
    )  # fmt: skip
    assert run("return", *two, "--actor", approver.email)[1].startswith("comment.missing: ")
    assert run("set", "NO-1", cable.sku, "--reason", "x", "--actor", writer.email) == (
        2,
        "sku.unknown: There is no product “NO-1”.\n",
    )
    assert run("unsuitable", *two, "--reason", "Plug", "--base", "1", "--actor", writer.email)[1].startswith("stale: ")
    assert Pair.objects.get().current.state == "in_review"


def test_not_suitable_and_back(run, drafted, console, cable, writer):
    two = (console.sku, cable.sku)

    assert run("unsuitable", *two, "--reason", "Wrong plug", "--actor", writer.email)[1]["verdict"] == "not_suitable"
    assert run("submit", *two, "--actor", writer.email)[1].startswith("pair.not_suitable: ")
    assert run("suitable", *two, "--actor", writer.email)[1]["verdict"] == "ok"
