"""What the next release of a channel would be. Reads only."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from crossmatrix.publishing import selectors
from crossmatrix.publishing.formats.base import read_settings
from crossmatrix.publishing.formats.registry import format_named
from crossmatrix.publishing.models import Channel, Release
from crossmatrix.publishing.rules import Diff, Link, Problem, Selection, choose, plan_release, problem, seal, without


@dataclass(frozen=True)
class Plan:
    """A release before it is cut: what goes, what stays and why, what changes, and the seal it would have."""

    selection: Selection
    bundles: list[dict[str, Any]]
    diff: Diff
    sha256: str
    settings: dict[str, Any]
    unchanged: bool  # the live release has the same content in the same form

    @property
    def links(self) -> tuple[Link, ...]:
        return self.selection.links

    @property
    def problems(self) -> list[Problem]:
        """Everything to know, by severity, then by link."""
        order = ["error", "warning", "info"]
        found = [*self.selection.left_out, *self.selection.warnings]
        return sorted(found, key=lambda p: (order.index(p.severity), p.code, p.main, p.companion))

    @property
    def left_out_counts(self) -> dict[str, int]:
        """Reason code → number of links left out."""
        return dict(sorted(Counter(p.code for p in self.selection.left_out).items()))


def plan_next(*, channel: Channel, at: datetime) -> Plan:
    """The release that a cut at this moment would make."""
    chosen = choose(
        selectors.candidates(channel),
        today=timezone.localtime(at).date(),
        cap=channel.cap,
        placements=channel.placements,
    )
    bundles = selectors.bundles_at(at) if format_named(channel.format).carries_bundles else []
    return _planned(channel, chosen, bundles)


def plan_again(*, channel: Channel, release: Release) -> Plan:
    """The content of an old release, less the links that were marked not suitable since then."""
    links = selectors.links_of(release)
    forbidden = selectors.forbidden_now(links)
    vetoes = [
        problem(code, link.main_sku, link.companion_sku, reason=reason)
        for link in links
        for code, reason in [forbidden.get(link.pair_id, ("", ""))]
        if code
    ]
    bundles = list(release.bundles) if format_named(channel.format).carries_bundles else []
    return _planned(channel, without(Selection(tuple(links), ()), vetoes), bundles)


def _planned(channel: Channel, chosen: Selection, bundles: list[dict[str, Any]]) -> Plan:
    form = format_named(channel.format)
    settings = read_settings(form.settings, channel.settings)
    selection = without(chosen, form.preflight(chosen.links, settings))
    live = selectors.live_of(channel)
    sha256 = seal(selection.links, bundles)
    return Plan(
        selection=selection,
        bundles=bundles,
        diff=plan_release(selectors.links_of(channel.current), selection.links),
        sha256=sha256,
        settings=settings,
        unchanged=live is not None
        and live.sha256 == sha256
        and live.shape == {"format": channel.format, "settings": settings},
    )
