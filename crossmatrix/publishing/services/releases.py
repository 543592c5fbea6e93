"""Cutting releases, rolling back, handing out their files."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.jobs import services as jobs
from crossmatrix.jobs.models import JobRun
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.publishing import selectors
from crossmatrix.publishing.formats.base import File, read_settings
from crossmatrix.publishing.formats.registry import format_named
from crossmatrix.publishing.models import Channel, Delivery, Release, ReleaseState
from crossmatrix.publishing.rules import Document, Key, Link, Severity, check_cut
from crossmatrix.publishing.services.files import read_file, write_folder
from crossmatrix.publishing.services.plan import Plan, plan_again, plan_next

CUT, ROLL_BACK = "crossmatrix.publishing.tasks.cut_release", "crossmatrix.publishing.tasks.roll_back"
LOCKS = 0x584D5255  # class of advisory locks: one for each channel
AT_ONCE = 5000  # rows written in one piece


class ChannelAsleep(Refusal):
    code = "channel.inactive"
    sentence = N_("The channel “%(name)s” is switched off.")


class FileUnknown(Refusal):
    code = "file.unknown"
    sentence = N_("The release has no file “%(name)s”.")


def order_cut(
    *, channel: Channel, actor: User, at: datetime, note: str = "", expected: str = "", force: bool = False
) -> JobRun:
    """Owe a cut of what was shown (`expected`: its seal)."""
    return jobs.order(
        CUT, at=at, actor=actor, queue="publish", channel=channel.pk, note=note, expected=expected, force=force
    )


def order_roll_back(*, channel: Channel, number: int, actor: User, at: datetime) -> JobRun:
    """Owe a roll-back to release `number`. Raises UnknownRelease."""
    selectors.release_by_number(channel, number)
    return jobs.order(ROLL_BACK, at=at, actor=actor, queue="publish", channel=channel.pk, number=number)


def cut_release(
    *,
    channel: Channel,
    actor: User | None,
    at: datetime,
    note: str = "",
    expected: str = "",
    force: bool = False,
    claim: jobs.Claim | None = None,
) -> Release:
    """Freeze what is approved and fit to go out as the channel's next release, with its files, and make it live.

    All or nothing: files first, then one commit seals the release and moves the channel's pointer.
    Raises ChannelAsleep, Unchanged, NothingToRelease, WouldClear, LooksDifferent, DiskFailed.
    """
    with transaction.atomic():
        channel = _locked(channel)
        plan = plan_next(channel=channel, at=at)
        return _seal(channel, plan, actor=actor, at=at, note=note, expected=expected, force=force, claim=claim)


def roll_back(
    *,
    channel: Channel,
    number: int,
    actor: User | None,
    at: datetime,
    force: bool = False,
    claim: jobs.Claim | None = None,
) -> Release:
    """A new release with the content of release `number`; links marked not suitable since then stay out.

    Raises ChannelAsleep, UnknownRelease, Unchanged, NothingToRelease, WouldClear, DiskFailed.
    """
    with transaction.atomic():
        channel = _locked(channel)
        old = selectors.release_by_number(channel, number)
        plan = plan_again(channel=channel, release=old)
        return _seal(channel, plan, actor=actor, at=at, again=old, force=force, claim=claim)


def _locked(channel: Channel) -> Channel:
    """The channel as it is now, with its releases ours alone until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, channel.pk])
    channel = selectors.channels().get(pk=channel.pk)
    if not channel.active:
        raise ChannelAsleep(name=channel.name)
    return channel


def _seal(
    channel: Channel,
    plan: Plan,
    *,
    actor: User | None,
    at: datetime,
    note: str = "",
    again: Release | None = None,
    expected: str = "",
    force: bool = False,
    claim: jobs.Claim | None = None,
) -> Release:
    live = channel.current
    stop = next((found for found in plan.selection.warnings if found.severity is Severity.ERROR), None)
    if stop:
        raise Refusal(stop.sentence, code=f"format.{stop.code}", **stop.values)
    check_cut(
        sha256=plan.sha256, links=len(plan.links), bundles=len(plan.bundles),
        shape={"format": channel.format, "settings": plan.settings}, live=selectors.live_of(channel),
        expected=expected, force=force,
    )  # fmt: skip
    release = Release.objects.create(
        channel=channel, number=live.number + 1 if live else 1, sha256=plan.sha256,
        format=channel.format, settings=plan.settings, links=len(plan.links), added=len(plan.diff.added),
        changed=len(plan.diff.changed), removed=len(plan.diff.removed), left_out=plan.left_out_counts,
        bundles=plan.bundles, cleared=_cleared(live, plan.links), previous=live, rolled_back_from=again,
        note=note.strip()[:500], cut_by=actor, cut_at=at,
    )  # fmt: skip
    _write_items(release, plan.links)
    removed = [(link.main_sku, link.companion_sku) for link in plan.diff.removed]
    document = _document(channel, release, plan.links, removed=removed)
    deliver(channel=channel, release=release, document=document, at=at)
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.SEALED)
    Channel.objects.filter(pk=channel.pk).update(current=release)
    audit.record(
        kind="release.rolled_back" if again else "release.cut", subject=release, at=at, actor=actor, reason=release.note,
        before={"number": live.number if live else None},
        after={
            "channel": channel.code, "number": release.number, "sha256": release.sha256, "links": release.links,
            "added": release.added, "changed": release.changed, "removed": release.removed,
            "again": again.number if again else None,
        },
    )  # fmt: skip
    if claim:
        claim.checkpoint(progress=1, total=1, release=release.number)
    return selectors.release_by_number(channel, release.number)


def _cleared(live: Release | None, links: Iterable[Link]) -> list[str]:
    """Mains that any earlier release had links for and this one has not: a shop may still show those."""
    if live is None:
        return []
    before = set(live.cleared) | set(selectors.items_of(live).values_list("main_sku", flat=True))
    return sorted(before - {link.main_sku for link in links})


def _write_items(release: Release, links: Iterable[Link]) -> None:
    columns = "release_id, pair_id, revision_id, main_sku, companion_sku, rank, payload, context"
    with connection.cursor() as cursor, cursor.copy(f"COPY publishing_releaseitem ({columns}) FROM STDIN") as rows:
        for link in links:
            rows.write_row((
                release.pk, link.pair_id, link.revision_id, link.main_sku, link.companion_sku, link.rank,
                json.dumps(link.payload(), ensure_ascii=False), json.dumps(dict(link.context), ensure_ascii=False),
            ))  # fmt: skip


def _document(channel: Channel, release: Release, links: Iterable[Link], *, removed: Iterable[Key]) -> Document:
    return Document(
        channel=channel.code, name=channel.name, number=release.number, cut_at=release.cut_at, sha256=release.sha256,
        links=tuple(links), bundles=tuple(release.bundles), removed=tuple(removed), cleared=tuple(release.cleared),
    )  # fmt: skip


def deliver(*, channel: Channel, release: Release, document: Document, at: datetime) -> Delivery:
    """Write the files of the release for the channel, once. Raises DiskFailed."""
    facts = write_folder(channel=channel.code, number=release.number, files=_files(release, document))
    return Delivery.objects.create(release=release, channel=channel, files=facts, made_at=at)


def _files(release: Release, document: Document) -> list[File]:
    form = format_named(release.format)
    return form.write(document, read_settings(form.settings, release.settings))


def file_of(*, release: Release, name: str) -> bytes:
    """A file of the release as it was delivered; written anew from the frozen items when the disk has lost it.

    Raises FileUnknown.
    """
    delivery = release.deliveries.order_by("pk").first()
    fact = next((fact for fact in delivery.files if fact["name"] == name), None) if delivery else None
    if fact is None:
        raise FileUnknown(name=name)
    content = read_file(channel=release.channel.code, number=release.number, fact=fact)
    return content if content is not None else dict(_files(release, document_of(release)))[name]


def document_of(release: Release) -> Document:
    """What the writers got when the release was cut, from the frozen rows."""
    links = selectors.links_of(release)
    here = {(link.main_sku, link.companion_sku) for link in links}
    before = {(link.main_sku, link.companion_sku) for link in selectors.links_of(release.previous)}
    return _document(release.channel, release, links, removed=before - here)


def facts(release: Release) -> dict[str, Any]:
    """The release in the words of the command line."""
    return {
        "channel": release.channel.code, "number": release.number, "sha256": release.sha256, "links": release.links,
        "bundles": len(release.bundles), "added": release.added, "changed": release.changed, "removed": release.removed,
        "left_out": release.left_out, "cut_at": release.cut_at.isoformat(),
        "cut_by": release.cut_by.email if release.cut_by else None,
        "rolled_back_from": release.rolled_back_from.number if release.rolled_back_from else None,
    }  # fmt: skip
