"""The answer of an undo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossmatrix.lib.errors import N_

SENTENCES: Mapping[str, str] = {
    "edited.since": N_("Edited since: kept as it is."),
    "pair.out_of_scope": N_("Outside your categories."),
    "undo.decision": N_("An approval or a return is not undone; decide again."),
    "undo.needs_approval": N_("Back as a draft: it has to be approved again."),
    "undo.back": N_("Goes back to what it was."),
    "undo.back_draft": N_("Goes back as a draft: it has to be approved again."),
}
DETAILS = 500  # rows a preview names; the counts are of all


@dataclass
class Undone:
    """How many were given back, kept because somebody edited them since, or could not be given back."""

    reversed: int = 0
    kept: int = 0
    failed: int = 0
    details: list[dict[str, Any]] = field(default_factory=list)  # main, companion, outcome, code, sentence

    def keep(self, names: Mapping[str, Any], *, code: str, **more: Any) -> None:
        self.kept += 1
        self.tell(dict(names) | more, "kept", code)

    def fail(self, names: Mapping[str, Any], *, code: str) -> None:
        self.failed += 1
        self.tell(names, "failed", code)

    def tell(self, names: Mapping[str, Any], outcome: str, code: str) -> None:
        self.details.append(dict(names) | {"outcome": outcome, "code": code, "sentence": SENTENCES[code]})
