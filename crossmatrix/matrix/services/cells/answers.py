"""What a send is told: an answer for each edit and the sums that the toast tells."""

from typing import Any

from crossmatrix.matrix.models import Pair, Slot
from crossmatrix.matrix.services.cells.send import (
    Result,
    Send,
)
from crossmatrix.matrix.services.shared import StalePair
from crossmatrix.ui.text import sentence


def answer_of(send: Send, key: str, count: int) -> dict[str, Any]:
    """The answer as JSON: one entry per op, and the sums that the toast tells."""
    versions = versions_of(send)
    results = [entry(index, send.results[index], versions.get(index, 0)) for index in range(count)]
    for index, text in send.cleaned.items():
        results[index]["cleaned"] = text
    return {
        "key": key,
        "undo": key,
        "at": send.at.isoformat(),
        "results": results,
        "changed": sum(one.changed for one in send.results.values()),
    } | {status: sum(one["result"] == status for one in results) for status in ("ok", "conflict", "invalid")}


def versions_of(send: Send) -> dict[int, int]:
    """Index of an op that was done → the version its cell has now."""
    ids = {index: one.pair_id for index, one in send.results.items() if one.pair_id and one.status == "ok"}
    pairs = [pk for index, pk in ids.items() if index not in send.types]
    types = [pk for index, pk in ids.items() if index in send.types]
    of_pairs = dict(Pair.objects.filter(pk__in=pairs).values_list("pk", "version")) if pairs else {}
    of_types = dict(Slot.objects.filter(pk__in=types).values_list("pk", "version")) if types else {}
    return {index: (of_types if index in send.types else of_pairs)[pk] for index, pk in ids.items()}


def entry(index: int, result: Result, version: int) -> dict[str, Any]:
    """An answer: a cell that was written names its version, a conflict the whole cell as it is."""
    answer: dict[str, Any] = {"i": index, "result": result.status}
    if result.status == "ok":
        return answer | {"rev": version, "changed": result.changed}
    if result.refusal is None:
        return answer
    answer |= {"code": result.refusal.code, "text": sentence(result.refusal)}
    if isinstance(result.refusal, StalePair):
        current = result.refusal.current
        answer |= {
            "rev": current["rev"],
            "value": current,
            "who": result.refusal.values.get("who", ""),
            "when": current["updated_at"],
        }
    return answer
