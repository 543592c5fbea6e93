"""The frame of every management command: one noun, verbs as sub-commands, one JSON object out.

    class Command(VerbCommand):
        help = "Links of a main product and a companion."

        @verb("set", help="Write one link.")
        def set_pair(self, options: Options) -> Any: ...       # returns what --json prints; None prints nothing

        @set_pair.arguments
        def set_arguments(parser: ArgumentParser) -> None:
            parser.add_argument("main")

A Refusal ends with exit code 2 and `code: sentence` on standard error. `raise Problems(answer)` prints the
answer and ends with exit code 3. Without --json the answer is printed for people by `show(answer)`.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from crossmatrix.lib.errors import Refusal
from crossmatrix.ui.text import sentence

Options = dict[str, Any]
REFUSED, PROBLEMS = 2, 3


class Problems(Exception):
    """There are problems and nothing was written; carries the answer to print."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        super().__init__("problems")


class Verb:
    """A sub-command: the method that does it and the function that declares its arguments."""

    def __init__(self, name: str, help_text: str, run: Callable[[Any, Options], Any]) -> None:
        self.name, self.help, self.run = name, help_text, run
        self.declare: Callable[[ArgumentParser], None] = lambda parser: None

    def arguments(self, declare: Callable[[ArgumentParser], None]) -> "Verb":
        self.declare = declare
        return self


def verb(name: str, *, help: str = "") -> Callable[[Callable[[Any, Options], Any]], Verb]:  # noqa: A002 - argparse's own word
    """Make a method the sub-command `name`."""
    return lambda run: Verb(name, help, run)


class VerbCommand(BaseCommand):
    """Base of the nouns. `requires_system_checks` is off: the checks ran at start-up of the web process."""

    requires_system_checks: list[str] = []

    @classmethod
    def verbs(cls) -> dict[str, Verb]:
        found = {
            item.name: item for base in reversed(cls.__mro__) for item in vars(base).values() if isinstance(item, Verb)
        }
        return dict(sorted(found.items()))

    def add_arguments(self, parser: CommandParser) -> None:
        branches = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=ArgumentParser)
        for name, item in self.verbs().items():
            branch = branches.add_parser(name, help=item.help)
            branch.add_argument("--json", action="store_true", dest="as_json", help="print exactly one JSON value")
            branch.add_argument("--language", default="ru", choices=["ru", "en"], help="language of messages")
            item.declare(branch)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                answer = self.verbs()[options["verb"]].run(self, options)
            except Refusal as refusal:
                self.end(REFUSED, f"{refusal.code}: {sentence(refusal)}")
            except Problems as problems:
                self.answer(problems.answer, as_json=options["as_json"])
                self.end(PROBLEMS, "")
            else:
                self.answer(answer, as_json=options["as_json"])

    def answer(self, answer: Any, *, as_json: bool) -> None:
        if answer is None:
            return
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, default=str))
        else:
            self.show(answer)

    def show(self, answer: Any) -> None:
        """Print the answer for people: a line for each row or each key."""
        if isinstance(answer, list):
            for row in answer:
                self.stdout.write(
                    "\t".join(str(value) for value in row.values()) if isinstance(row, dict) else str(row)
                )
        elif isinstance(answer, dict):
            for key, value in answer.items():
                self.stdout.write(f"{key}: {value}")
        else:
            self.stdout.write(str(answer))

    def progress(self, done: int, total: int, message: str = "") -> None:
        """A line that rewrites itself on a terminal; silent elsewhere."""
        if sys.stderr.isatty():
            share = f"{100 * done // total} %" if total else str(done)
            sys.stderr.write(f"\r\033[K{message} {share}")
            if done >= total > 0:
                sys.stderr.write("\n")

    def end(self, code: int, line: str) -> NoReturn:
        if line:
            sys.stderr.write(line + "\n")
        raise SystemExit(code)
