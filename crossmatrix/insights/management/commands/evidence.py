"""manage.py evidence refresh | pair"""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from crossmatrix.accounts.selectors import person
from crossmatrix.insights import services
from crossmatrix.insights.selectors.money import pair_rows
from crossmatrix.insights.selectors.suggestions import product_of
from crossmatrix.insights.services.work import STEPS
from crossmatrix.ui.cli import Options, VerbCommand, verb


class Command(VerbCommand):
    help = "What orders say about pairs: count them, show them."

    @verb("refresh", help="Count the orders of a period and make the result the current one.")
    def refresh(self, options: Options) -> Any:
        actor = person(options["actor"]) if options["actor"] else None

        def tell(step: str, done: int, total: int) -> None:
            self.progress(done, total, gettext(STEPS[step]))

        done = services.refresh_stats(
            at=timezone.now(),
            until=options["until"],
            days=options["days"],
            engine=options["engine"],
            actor=actor,
            tell=tell,
        )
        return {
            "orders": done.orders, "lines": done.lines, "pairs": done.pairs, "from": done.from_date.isoformat(),
            "to": done.to_date.isoformat(), "engine": done.engine, "seconds": done.seconds, "unknown_skus": done.unknown_skus,
            "unknown_lines": done.unknown_lines, "return_lines": done.return_lines,
            "wholesale_orders": done.wholesale_orders,
        }  # fmt: skip

    @refresh.arguments
    def refresh_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - declared for the verb, not for the command
        parser.add_argument("--until", type=date.fromisoformat, help="last day (default: the newest day with orders)")
        parser.add_argument("--days", type=int, help="length of the period")
        parser.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb")
        parser.add_argument("--actor", metavar="EMAIL")

    @verb("pair", help="Evidence of a product's pairs, or of one pair.")
    def pair(self, options: Options) -> Any:
        product_of(options["main"])
        if options["companion"]:
            product_of(options["companion"])
        return pair_rows(main_sku=options["main"], companion_sku=options["companion"])

    @pair.arguments
    def pair_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - as above
        parser.add_argument("main")
        parser.add_argument("companion", nargs="?")
