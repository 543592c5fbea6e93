"""manage.py weak flag | list | decide"""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.utils import timezone

from crossmatrix.accounts.selectors import person
from crossmatrix.insights import services
from crossmatrix.insights.models import WeakFlag
from crossmatrix.insights.rules.words import Cause, Decision
from crossmatrix.insights.selectors import weak
from crossmatrix.insights.selectors.suggestions import product_of
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.ui.cli import Options, VerbCommand, verb


class UnknownFlag(Refusal):
    code = "flag.unknown"
    sentence = N_("There is no open flag for this pair and cause.")


class Command(VerbCommand):
    help = "Weak pairs: look for them, list them, decide on them."

    @verb("flag", help="Look at every pair on offer; raise and close flags.")
    def flag(self, options: Options) -> Any:
        return services.flag_weak_pairs(at=timezone.now()).as_dict()

    @verb("list", help="Flags that are open, put off or decided.")
    def list_flags(self, options: Options) -> Any:
        found = weak.flags_for(person(options["actor"])) if options["actor"] else weak.flags()
        rows = weak.matching(weak.in_tab(found, options["tab"], timezone.localdate()), cause=options["cause"] or "")
        return [weak.row_of(flag) for flag in rows]

    @list_flags.arguments
    def list_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - declared for the verb, not for the command
        parser.add_argument("--tab", choices=weak.TABS, default=weak.OPEN)
        parser.add_argument("--cause", choices=[cause.value for cause in Cause])
        parser.add_argument("--actor", metavar="EMAIL", help="only what this person sees")

    @verb("decide", help="Decide on the open flag of a pair.")
    def decide(self, options: Options) -> Any:
        found = WeakFlag.objects.filter(
            pair__main__sku=options["main"], pair__companion__sku=options["companion"], closed_at__isnull=True
        ).order_by("pk")
        if options["cause"]:
            found = found.filter(cause=options["cause"])
        flag = found.first()
        if flag is None:
            raise UnknownFlag
        services.decide_flag(
            flag=flag, decision=Decision(options["decision"]), actor=person(options["actor"]), at=timezone.now(),
            note=options["note"], until=options["until"], companion=product_of(options["by"]) if options["by"] else None,
        )  # fmt: skip
        return weak.row_of(weak.flags().get(pk=flag.pk))

    @decide.arguments
    def decide_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - as above
        parser.add_argument("main")
        parser.add_argument("companion")
        parser.add_argument("decision", choices=[decision.value for decision in Decision])
        parser.add_argument("--by", metavar="SKU", help="the replacement (default: the best one found)")
        parser.add_argument("--until", type=date.fromisoformat, help="keep: put off until this day")
        parser.add_argument("--note", default="", help="why; required to keep or to mark not suitable")
        parser.add_argument("--cause", choices=[cause.value for cause in Cause])
        parser.add_argument("--actor", metavar="EMAIL", required=True)
