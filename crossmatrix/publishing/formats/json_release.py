"""A release as one JSON object: for integrations written by the shop's own people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crossmatrix.lib.errors import N_
from crossmatrix.publishing.formats.base import File, Setting
from crossmatrix.publishing.rules import Document, Link, Problem, canonical


class JsonRelease:
    """`{"release": {number, sha256 …}, "format", "links", "bundles", "removed"}`, keys sorted, UTF-8.

    `sha256` is the digest of `{"bundles", "format", "links"}` written with sorted keys, no blanks and letters
    as they are, so a receiver can check that it read everything.
    """

    code = "json"
    label = N_("JSON")
    about = N_("One JSON file with links and bundles, for a shop whose own developers read it.")
    steps: tuple[str, ...] = (
        N_("Check “sha256” against the content, then replace all links by the list “links”."),
        N_("Or apply the changes only: “removed” names the links that the release before had and this one has not."),
    )
    settings: tuple[Setting, ...] = (
        Setting(
            "layout",
            N_("Layout"),
            "compact",
            (("compact", N_("Compact: one line")), ("readable", N_("Readable: one field a line"))),
        ),
    )
    carries_bundles = True

    def preflight(self, links: Sequence[Link], settings: Mapping[str, Any]) -> list[Problem]:
        return []  # JSON carries any text, and the reader is the shop's own

    def write(self, document: Document, settings: Mapping[str, Any]) -> list[File]:
        whole = {
            "release": {
                "channel": document.channel,
                "number": document.number,
                "cut_at": document.cut_at.isoformat(timespec="seconds"),
                "sha256": document.sha256,
                "links": len(document.links),
                "bundles": len(document.bundles),
            },
            **canonical(document.links, document.bundles),
            "removed": [{"main_sku": main, "companion_sku": companion} for main, companion in sorted(document.removed)],
        }
        readable = settings["layout"] == "readable"
        text = json.dumps(
            whole, ensure_ascii=False, sort_keys=True, indent=2 if readable else None,
            separators=(",", ": ") if readable else (",", ":"),
        )  # fmt: skip
        return [(f"{document.channel}-{document.number}.json", f"{text}\n".encode())]
