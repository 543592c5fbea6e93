import json

import pytest
from django.core.management import call_command

from crossmatrix.accounts.rules import Role
from crossmatrix.matrix.models import Pair
from crossmatrix.publishing.models import Release
from tests.factories import CategoryFactory, member
from tests.publishing.factories import channel, links_of, pair, product, revise
from tests.publishing.readers import read_woocommerce

pytestmark = pytest.mark.django_db


def run(capsys, *words):
    """The JSON that the command printed."""
    call_command(*words, "--json")
    return json.loads(capsys.readouterr().out)


def refused(capsys, *words):
    """Exit code and standard error of a refused command."""
    with pytest.raises(SystemExit) as ended:
        call_command(*words)
    out, err = capsys.readouterr()
    assert out == ""
    return ended.value.code, err


def test_a_channel_is_made_and_listed(capsys):
    CategoryFactory(name="Games", full_name="Shop / Games")

    made = run(capsys, "channel", "create", "shop", "--format", "woocommerce", "--name", "Shop", "--category", "Shop / Games", "--set", "upsells=required", "--cap", "2", "--placement", "cart")  # fmt: skip

    assert made == run(capsys, "channel", "list")[0]
    assert (made["channel"], made["category"], made["cap"], made["settings"]["upsells"]) == (
        "shop",
        "Shop / Games",
        2,
        "required",
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("channel", "create", "shop", "--format", "opencart"), "format.unknown"),
        (("channel", "create", "shop", "--format", "json", "--category", "No"), "category.unknown"),
        (("channel", "create", "shop", "--format", "json", "--set", "layout"), "channel.settings"),
        (("channel", "create", "shop", "--format", "json", "--actor", "nobody@shop.test"), "actor.unknown"),
        (("channel", "preflight", "shop"), "channel.unknown"),
        (("release", "cut", "shop"), "channel.unknown"),
        (("release", "list", "shop"), "channel.unknown"),
    ],
)
def test_a_mistake_ends_with_two_and_its_code(capsys, words, code):
    status, err = refused(capsys, *words)

    assert (status, err.startswith(f"{code}: ")) == (2, True)


def test_the_preflight_names_every_link_that_would_not_arrive(capsys):
    channel()
    links_of(product("M1"), product("id:5", price="10"), product("C2", price="10"), product("C3", price="10", stock=0))
    pair(product("M2"), product("C4", price="10"), state="draft")

    answer = run(capsys, "channel", "preflight", "shop")

    assert (answer["channel"], answer["links"], answer["ok"]) == ("shop", 3, 1)
    assert [(p["main"], p["companion"], p["code"], p["severity"]) for p in answer["problems"]] == [
        ("M1", "id:5", "sku_like_id", "error"),
        ("M1", "C3", "out_of_stock", "warning"),
        ("M2", "C4", "not_approved", "info"),
    ]
    assert all(p["message"] and p["advice"] for p in answer["problems"])


def test_a_release_is_cut_rolled_back_and_listed(capsys, tmp_path):
    boss = member(Role.INTEGRATOR)
    channel()
    links_of(product("M1"), product("C1", price="10"))

    first = run(capsys, "release", "cut", "shop", "--out", str(tmp_path / "out"), "--actor", boss.email)
    revise(Pair.objects.get(), reason="worse")
    second = run(capsys, "release", "cut", "shop", "--note", "why")
    third = run(capsys, "release", "rollback", "shop", "1")
    listed = run(capsys, "release", "list", "shop")

    assert (first["channel"], first["number"], first["links"], first["added"], first["changed"], first["removed"]) == ("shop", 1, 1, 1, 0, 0)  # fmt: skip
    assert first["files"] == [str(tmp_path / "out" / "shop-1.csv")]
    assert read_woocommerce((tmp_path / "out" / "shop-1.csv").read_bytes())[0] == {("M1", "cross-sells"): ["C1"]}
    assert first["cut_by"] == boss.email
    assert (second["changed"], second["sha256"] != first["sha256"]) == (1, True)
    assert (third["number"], third["sha256"], third["rolled_back_from"]) == (3, first["sha256"], 1)
    assert [release["number"] for release in listed] == [3, 2, 1]


def test_the_files_of_any_release_can_be_had_again(capsys, tmp_path):
    channel(format="json")
    links_of(product("M1"), product("C1", price="10"))
    first = run(capsys, "release", "cut", "shop")

    again = run(capsys, "release", "files", "shop", "1", "--out", str(tmp_path / "again"))

    (path,) = (tmp_path / "again").iterdir()
    assert again["files"] == [str(path)]
    assert json.loads(path.read_text())["release"]["sha256"] == first["sha256"]


def test_an_unchanged_cut_is_refused_and_can_be_forced(capsys):
    channel()
    links_of(product("M1"), product("C1", price="10"))
    call_command("release", "cut", "shop")
    capsys.readouterr()

    status, err = refused(capsys, "release", "cut", "shop")
    forced = run(capsys, "release", "cut", "shop", "--force")

    assert (status, err.startswith("release.unchanged: ")) == (2, True)
    assert (forced["number"], Release.objects.count()) == (2, 2)
