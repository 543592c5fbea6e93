"""A column of a kind of file as plain data: made from the Resource declarations, sent to the child process."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ColumnSpec:
    """`name` is the staging column and the field people map to; `target` the column of the table it is compared with."""

    name: str
    title: str  # English; translated when shown
    parser: str
    pg_type: str
    params: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    width: int = 16
    sniff: str = ""  # what its values look like: number, code, text, date, url, image, barcode, word, flag
    target: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ColumnSpec":
        return cls(**{**data, "aliases": tuple(data["aliases"])})
