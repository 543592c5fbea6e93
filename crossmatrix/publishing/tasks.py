"""Looks, cuts and roll-backs that were ordered from the screen."""

from celery import shared_task
from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.jobs import services as jobs
from crossmatrix.lib.errors import N_
from crossmatrix.publishing import selectors
from crossmatrix.publishing.services import preview, releases


@shared_task
def take_look(*, channel: int, **_later: object) -> None:
    """Work out the next release of the channel as it is now; the result names the look."""
    with jobs.claimed(take_look.name, channel=channel, at=timezone.now()) as mine:
        if mine:
            mine.checkpoint(message=N_("Choosing links"))
            taken = preview.take_look(selectors.channels().get(pk=channel), at=timezone.now())
            mine.result(look=taken.token)


@shared_task
def cut_release(*, channel: int, note: str = "", expected: str = "", force: bool = False, **_later: object) -> None:
    """Cut the ordered release, once: a worker that died after the commit finds the release in the checkpoint."""
    order = {"channel": channel, "note": note, "expected": expected, "force": force}
    with jobs.claimed(cut_release.name, at=timezone.now(), **order) as mine:
        if mine and "release" not in mine.state:
            mine.checkpoint(progress=0, total=1, message=N_("Choosing links and writing files"))
            release = releases.cut_release(
                channel=selectors.channels().get(pk=channel), actor=_person(mine), at=timezone.now(),
                note=note, expected=expected, force=force, claim=mine,
            )  # fmt: skip
            mine.result(release=release.number)


@shared_task
def roll_back(*, channel: int, number: int, **_later: object) -> None:
    """Roll back as ordered, once."""
    with jobs.claimed(roll_back.name, channel=channel, number=number, at=timezone.now()) as mine:
        if mine and "release" not in mine.state:
            mine.checkpoint(progress=0, total=1, message=N_("Writing the files of the old release anew"))
            release = releases.roll_back(
                channel=selectors.channels().get(pk=channel),
                number=number,
                actor=_person(mine),
                at=timezone.now(),
                claim=mine,
            )
            mine.result(release=release.number)


def _person(mine: jobs.Claim) -> User | None:
    return mine.run.actor
