"""What a release changes against the one before."""

from collections.abc import Iterable
from dataclasses import dataclass

from crossmatrix.publishing.rules.links import Link


@dataclass(frozen=True)
class Change:
    """A link in both releases, with the fields that differ."""

    before: Link
    after: Link

    @property
    def fields(self) -> list[str]:
        """Names of the fields that differ."""
        was, now = self.before.payload(), self.after.payload()
        return [name for name in now if was[name] != now[name]]


@dataclass(frozen=True)
class Diff:
    added: tuple[Link, ...]
    changed: tuple[Change, ...]
    removed: tuple[Link, ...]
    same: tuple[Link, ...]

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def plan_release(previous: Iterable[Link], approved: Iterable[Link]) -> Diff:
    """What the next release changes against the previous one, by main and companion SKU."""
    before = {(link.main_sku, link.companion_sku): link for link in previous}
    after = {(link.main_sku, link.companion_sku): link for link in approved}
    both = [(before[key], after[key]) for key in after if key in before]
    return Diff(
        added=tuple(link for key, link in after.items() if key not in before),
        changed=tuple(Change(was, now) for was, now in both if was != now),
        removed=tuple(link for key, link in before.items() if key not in after),
        same=tuple(now for was, now in both if was == now),
    )
