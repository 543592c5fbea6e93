"""manage.py suggest MAIN [-k 5] [--dial safe|balanced|distinctive] [--proven]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandParser
from django.utils import translation

from crossmatrix.insights.rules.scoring import Dial
from crossmatrix.insights.selectors.suggestions import SHOWN, dial_named, product_of, suggest
from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.cli import REFUSED, VerbCommand
from crossmatrix.ui.text import sentence


class Command(VerbCommand):
    help = "Companions that orders suggest for a product, best first."

    def add_arguments(self, parser: CommandParser) -> None:
        self.declare(parser)

    def declare(self, parser: ArgumentParser) -> None:
        parser.add_argument("main")
        parser.add_argument("-k", type=int, default=SHOWN, help="how many at most")
        parser.add_argument(
            "--dial", default=Dial.BALANCED.value,
            help="safe: what sells well with it; distinctive: what belongs to it alone; balanced between them",
        )  # fmt: skip
        parser.add_argument("--proven", action="store_true", help="only what is significantly more than chance")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print exactly one JSON value")
        parser.add_argument("--language", default="ru", choices=["ru", "en"], help="language of messages")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                answer = suggest(
                    main=product_of(options["main"]), k=options["k"], dial=dial_named(options["dial"]),
                    proven=options["proven"],
                )  # fmt: skip
            except Refusal as refusal:
                self.end(REFUSED, f"{refusal.code}: {sentence(refusal)}")
            self.answer(answer, as_json=options["as_json"])
