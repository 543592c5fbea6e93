from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from crossmatrix.accounts.selectors import person
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.publishing import selectors
from crossmatrix.publishing.models import Channel
from crossmatrix.publishing.services import channels
from crossmatrix.publishing.services.plan import plan_next
from crossmatrix.ui.cli import Options, VerbCommand, verb


class Command(VerbCommand):
    help = "Storefronts and what would not arrive there."

    @verb("list", help="Every channel.")
    def list_channels(self, options: Options) -> Any:
        return [facts(channel) for channel in selectors.channels()]

    @verb("create", help="Make a channel.")
    def create(self, options: Options) -> Any:
        channel = channels.create_channel(
            code=options["code"],
            name=options["name"] or options["code"],
            format=options["format"],
            category=category(options["category"]),
            settings=dict(pair(text) for text in options["settings"]),
            cap=options["cap"],
            placements=options["placements"],
            actor=person(options["actor"]) if options["actor"] else None,
            at=timezone.now(),
        )
        return facts(channel)

    @create.arguments
    def create_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - declares the verb's arguments
        parser.add_argument("code")
        parser.add_argument("--name", default="")
        parser.add_argument("--format", required=True, metavar="woocommerce|json|excel")
        parser.add_argument("--category", default="", help="full name of the category whose products it shows")
        parser.add_argument("--set", dest="settings", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--cap", type=int, default=4, help="companions of one product in one placement")
        parser.add_argument("--placement", dest="placements", action="append", default=[])
        parser.add_argument("--actor", default="", metavar="EMAIL")

    @verb("preflight", help="Which links would not arrive, and why.")
    def preflight(self, options: Options) -> Any:
        channel = selectors.channel_by_code(options["code"])
        plan = plan_next(channel=channel, at=timezone.now())
        waiting = sum(problem.code == "not_approved" for problem in plan.selection.left_out)
        return {
            "channel": channel.code,
            "links": len(plan.links) + len(plan.selection.left_out) - waiting,
            "ok": len(plan.links),
            "left_out": plan.left_out_counts,
            "problems": [
                {
                    "main": problem.main,
                    "companion": problem.companion,
                    "code": problem.code,
                    "message": selectors.message(problem),
                    "severity": problem.severity.value,
                    "advice": gettext(problem.advice),
                }
                for problem in plan.problems
            ],
        }

    @preflight.arguments
    def preflight_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - same
        parser.add_argument("code")


def facts(channel: Channel) -> dict[str, Any]:
    return {
        "channel": channel.code,
        "name": channel.name,
        "format": channel.format,
        "category": channel.category.full_name if channel.category else None,
        "cap": channel.cap,
        "placements": channel.placements,
        "settings": channel.settings,
        "active": channel.active,
        "release": channel.current.number if channel.current else None,
    }


def category(full_name: str) -> Category | None:
    """The category of this full name; None of an empty one. Raises Refusal."""
    if not full_name:
        return None
    found = Category.objects.filter(full_name=full_name).first()
    if found is None:
        raise Refusal(N_("There is no category “%(name)s”."), code="category.unknown", name=full_name)
    return found


def pair(text: str) -> tuple[str, Any]:
    """NAME=VALUE; yes and no are truth values."""
    name, equals, value = text.partition("=")
    if not equals:
        raise Refusal(N_("Write a setting as NAME=VALUE; “%(text)s” is not."), code="channel.settings", text=text)
    return name, {"yes": True, "no": False}.get(value, value)
