"""manage.py weak_policy list | set | remove"""

from argparse import ArgumentParser
from dataclasses import asdict, replace
from typing import Any

from django.utils import timezone

from crossmatrix.accounts.selectors import person
from crossmatrix.catalog.models import Category
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakPolicy
from crossmatrix.insights.rules.policy import BOUNDS, Decider, Limits
from crossmatrix.insights.selectors.policies import default_limits, limits_by_path, limits_of, nearest, policies
from crossmatrix.insights.selectors.preview import Preview, preview
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.ui.cli import Options, VerbCommand, verb


class UnknownCategory(Refusal):
    code = "category.unknown"
    sentence = N_("There is no category “%(name)s”, or several end so: write its whole path.")


class NoPolicy(Refusal):
    code = "weak_policy.unknown"
    sentence = N_("This category has no policy of its own.")


class Command(VerbCommand):
    help = "When pairs are weak and who decides: limits by category. Shares are parts of one."

    @verb("list", help="Limits in force, widest first; what holds where no policy does comes first.")
    def list_policies(self, options: Options) -> Any:
        found = list(policies())
        rows = [row_of(one.category, limits_of(one), own=True) for one in found]
        everywhere = [] if any(one.category is None for one in found) else [row_of(None, default_limits(), own=False)]
        return everywhere + rows

    @verb("set", help="Show what new limits of a category would flag; with --apply write them.")
    def set_policy(self, options: Options) -> Any:
        category = category_named(options["category"])
        found = policy_of(category)
        present = limits_of(found) if found else nearest(limits_by_path(), category.path if category else "")
        said = {name: options[name] for name in (*BOUNDS, "decider") if options[name] is not None}
        if "decider" in said:
            said["decider"] = Decider(said["decider"])
        limits = replace(present, **said)
        services.check_limits(limits)
        seen = preview(category=category, limits=limits, at=timezone.now())
        if options["apply"]:
            services.set_weak_policy(
                category=category, limits=limits, actor=person(options["actor"]), at=timezone.now(), policy=found
            )
        return row_of(category, limits, own=True) | told(seen) | {"applied": options["apply"]}

    @set_policy.arguments
    def set_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - declared for the verb, not for the command
        category_arguments(parser)
        for name, (low, high) in BOUNDS.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}", dest=name, type=type(low), metavar="N", help=f"from {low} to {high}"
            )
        parser.add_argument("--decider", choices=[decider.value for decider in Decider])

    @verb("remove", help="Show what would change without the policy of a category; with --apply take it away.")
    def remove(self, options: Options) -> Any:
        category = category_named(options["category"])
        found = policy_of(category)
        if found is None:
            raise NoPolicy
        seen = preview(category=category, limits=None, at=timezone.now())
        limits = limits_of(found)
        if options["apply"]:
            services.remove_weak_policy(policy=found, actor=person(options["actor"]), at=timezone.now())
        return row_of(category, limits, own=not options["apply"]) | told(seen) | {"applied": options["apply"]}

    @remove.arguments
    def remove_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - as above
        category_arguments(parser)


def category_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--category", default="", metavar="PATH", help="“A / B” (default: everywhere)")
    parser.add_argument("--apply", action="store_true", help="write what was shown")
    parser.add_argument("--actor", default="", metavar="EMAIL", help="who writes it; required with --apply")


def category_named(name: str) -> Category | None:
    """By its whole path, or by its last part where only one ends so; None for "". Raises UnknownCategory."""
    if not name:
        return None
    whole = Category.objects.filter(full_name=name).first()
    alike = [whole] if whole else list(Category.objects.filter(name=name).order_by("pk")[:2])
    if len(alike) != 1:
        raise UnknownCategory(name=name)
    return alike[0]


def policy_of(category: Category | None) -> WeakPolicy | None:
    return policies().filter(category=category).first()


def row_of(category: Category | None, limits: Limits, *, own: bool) -> dict[str, Any]:
    values = {name: str(value) if name == "decider" else value for name, value in asdict(limits).items()}
    return {"category": category.full_name if category else "", "own": own, "limits": values}


def told(seen: Preview) -> dict[str, Any]:
    return {
        "checked": seen.checked, "now": seen.now, "more": seen.more, "fewer": seen.fewer, "message": seen.words,
        "by_cause": [{"cause": cause.value, "more": more, "fewer": fewer} for cause, more, fewer in seen.by_cause],
        "examples": [
            {"main": one.pair.main.sku, "companion": one.pair.companion.sku, "cause": one.cause.value}
            for one in seen.examples
        ],
    }  # fmt: skip
