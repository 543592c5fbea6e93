from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.accounts.selectors import person
from crossmatrix.publishing import selectors
from crossmatrix.publishing.models import Release
from crossmatrix.publishing.services import releases
from crossmatrix.publishing.services.files import folder
from crossmatrix.ui.cli import Options, VerbCommand, verb


class Command(VerbCommand):
    help = "Immutable numbered snapshots of what a channel's shop gets."

    @verb("cut", help="Release what is approved and fit to go out.")
    def cut(self, options: Options) -> Any:
        release = releases.cut_release(
            channel=selectors.channel_by_code(options["code"]), actor=actor(options), at=timezone.now(),
            note=options["note"], force=options["force"],
        )  # fmt: skip
        return answer(release, options["out"])

    @cut.arguments
    def cut_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - declares the verb's arguments
        common(parser)
        parser.add_argument("--note", default="")

    @verb("rollback", help="A new release with the content of an old one.")
    def rollback(self, options: Options) -> Any:
        release = releases.roll_back(
            channel=selectors.channel_by_code(options["code"]), number=options["number"], actor=actor(options),
            at=timezone.now(), force=options["force"],
        )  # fmt: skip
        return answer(release, options["out"])

    @rollback.arguments
    def rollback_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - same
        common(parser)
        parser.add_argument("number", type=int)

    @verb("list", help="Releases of a channel, newest first.")
    def list_releases(self, options: Options) -> Any:
        channel = selectors.channel_by_code(options["code"])
        return [answer(release) for release in selectors.releases_of(channel).select_related("channel")]

    @list_releases.arguments
    def list_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - same
        parser.add_argument("code")

    @verb("files", help="Write the files of a release once more.")
    def files(self, options: Options) -> Any:
        channel = selectors.channel_by_code(options["code"])
        return answer(selectors.release_by_number(channel, options["number"]), options["out"])

    @files.arguments
    def files_arguments(parser: ArgumentParser) -> None:  # noqa: N805 - same
        parser.add_argument("code")
        parser.add_argument("number", type=int)
        parser.add_argument("--out", required=True, metavar="DIR")


def common(parser: ArgumentParser) -> None:
    parser.add_argument("code")
    parser.add_argument("--out", default="", metavar="DIR", help="also put the files into this folder")
    parser.add_argument("--force", action="store_true", help="also when nothing changed or nothing is left")
    parser.add_argument("--actor", default="", metavar="EMAIL")


def actor(options: Options) -> User | None:
    return person(options["actor"]) if options["actor"] else None


def answer(release: Release, out: str = "") -> dict[str, Any]:
    """The release as the command line tells it; with `out` its files are put there."""
    names = [fact["name"] for delivery in release.deliveries.all() for fact in delivery.files]
    home = folder(release.channel.code, release.number)
    if out:
        home = Path(out)
        home.mkdir(parents=True, exist_ok=True)
        for name in names:
            (home / name).write_bytes(releases.file_of(release=release, name=name))
    return {**releases.facts(release), "files": [str((home / name).resolve()) for name in names]}
