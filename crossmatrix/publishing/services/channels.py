"""Making and changing channels."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from crossmatrix.accounts.models import User
from crossmatrix.audit import services as audit
from crossmatrix.audit.rules import changed
from crossmatrix.catalog.models import Category
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.matrix.rules import Placement
from crossmatrix.publishing.formats.base import read_settings
from crossmatrix.publishing.formats.registry import format_named
from crossmatrix.publishing.models import Channel

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
RESERVED = frozenset({"new"})  # an address of its own
CAP_MAX = 100


class BadChannel(Refusal):
    code = "channel.invalid"
    sentence = N_("The channel cannot be saved like this.")


class StaleChannel(Refusal):
    code = "stale"
    sentence = N_("Somebody changed this channel meanwhile. Look at its present settings and save again.")


@transaction.atomic
def create_channel(
    *,
    code: str,
    name: str,
    format: str,  # noqa: A002 - the word of the domain
    at: datetime,
    actor: User | None,
    category: Category | None = None,
    settings: Mapping[str, Any] | None = None,
    cap: int = 4,
    placements: Sequence[str] = (),
) -> Channel:
    """A new channel. Raises BadChannel, UnknownFormat, BadSettings."""
    code = code.strip().lower()
    if not CODE.fullmatch(code) or code in RESERVED:
        raise BadChannel(
            N_("The code is made of small Latin letters, figures, “-” and “_”; “%(given)s” is not."),
            code="channel.code",
            given=code,
        )
    fields = _checked(name=name, format=format, settings=settings or {}, cap=cap, placements=placements)
    try:
        with transaction.atomic():
            channel = Channel.objects.create(code=code, category=category, created_at=at, updated_at=at, **fields)
    except IntegrityError:
        raise BadChannel(N_("There is a channel with this code already."), code="channel.exists") from None
    audit.record(kind="channel.created", subject=channel, at=at, actor=actor, after=_state(channel))
    return channel


@transaction.atomic
def change_channel(
    *,
    channel: Channel,
    version: int,
    at: datetime,
    actor: User | None,
    name: str,
    format: str,  # noqa: A002 - the word of the domain
    category: Category | None,
    settings: Mapping[str, Any],
    cap: int,
    placements: Sequence[str],
    active: bool,
) -> Channel:
    """Write the channel's settings; the next release follows them. Raises BadChannel, BadSettings, StaleChannel."""
    before = _state(channel)
    fields = _checked(name=name, format=format, settings=settings, cap=cap, placements=placements)
    fields |= {"category": category, "active": active}
    mine = Channel.objects.filter(pk=channel.pk, version=version)
    if mine.update(version=version + 1, updated_at=at, **fields) != 1:
        raise StaleChannel
    channel.refresh_from_db()
    was, now = changed(before, _state(channel))
    if now:
        audit.record(kind="channel.changed", subject=channel, at=at, actor=actor, before=was, after=now)
    return channel


def _checked(
    *,
    name: str,
    format: str,  # noqa: A002 - same
    settings: Mapping[str, Any],
    cap: int,
    placements: Sequence[str],
) -> dict[str, Any]:
    name = " ".join(name.split())
    if not name:
        raise BadChannel(N_("A channel needs a name."), code="channel.name")
    if not 1 <= cap <= CAP_MAX:
        raise BadChannel(
            N_("The number of companions shown is between 1 and %(most)s."), code="channel.cap", most=CAP_MAX
        )
    for place in placements:
        if place not in set(Placement):
            raise BadChannel(N_("There is no placement “%(place)s”."), code="placement.unknown", place=place)
    return {
        "name": name[:120],
        "format": format,
        "settings": read_settings(format_named(format).settings, settings),
        "cap": cap,
        "placements": [place.value for place in Placement if place.value in set(placements)],
    }


def _state(channel: Channel) -> dict[str, Any]:
    return {
        "code": channel.code,
        "name": channel.name,
        "format": channel.format,
        "category": channel.category_id,
        "settings": channel.settings,
        "cap": channel.cap,
        "placements": channel.placements,
        "active": channel.active,
    }
