"""The seal of a release, and the cuts nobody wants."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crossmatrix.lib.digests import content_digest
from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.publishing.rules.links import Link

FORMAT_VERSION = 1  # of the canonical content; grows when a reader would have to change


def canonical(links: Iterable[Link], bundles: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of a release in the one order that gives the same bytes for the same content."""
    return {
        "format": f"crossmatrix.release/{FORMAT_VERSION}",
        "links": [
            link.payload() for link in sorted(links, key=lambda link: (link.main_sku, link.rank, link.companion_sku))
        ],
        "bundles": sorted((dict(bundle) for bundle in bundles), key=content_digest),
    }


def seal(links: Iterable[Link], bundles: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 (hex) of the canonical content: equal content has an equal seal, whatever its number."""
    return content_digest(canonical(links, bundles))


class Unchanged(Refusal):
    code = "release.unchanged"
    sentence = N_("Nothing has changed since release %(number)s, so there is nothing to release.")


class NothingToRelease(Refusal):
    code = "release.empty"
    sentence = N_("No link is ready to go out, so the release would be empty.")


class WouldClear(Refusal):
    code = "release.would_clear"
    sentence = N_("No link is ready to go out: this release would take all %(links)s links away from the shop.")


class LooksDifferent(Refusal):
    code = "release.looks_different"
    sentence = N_("Links have changed since you looked at this release. Look again and then cut it.")


@dataclass(frozen=True)
class Live:
    """The release a channel shows now: what the next one is compared with."""

    number: int
    sha256: str
    shape: Mapping[str, Any]  # format and its settings: another shape of the same content is a change of the files
    links: int


def check_cut(
    *,
    sha256: str,
    links: int,
    bundles: int,
    shape: Mapping[str, Any],
    live: Live | None,
    expected: str = "",
    force: bool = False,
) -> None:
    """Refuse a cut nobody wants: of something else than was shown, without a change, or of nothing at all.

    Raises LooksDifferent, Unchanged, NothingToRelease, WouldClear; `force` lets the last three pass.
    """
    if expected and expected != sha256:
        raise LooksDifferent
    if force:
        return
    if live and live.sha256 == sha256 and dict(live.shape) == dict(shape):
        raise Unchanged(number=live.number)
    if links == 0 and bundles == 0:
        if live and live.links:
            raise WouldClear(links=live.links)
        raise NothingToRelease
