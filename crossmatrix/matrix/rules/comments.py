"""What is said about a cell, and whom it names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.lib.text import clean_text

LONGEST = 2000  # characters of one comment


class CommentEmpty(Refusal):
    code = "comment.empty"
    sentence = N_("Write what you want to say.")


class CommentTooLong(Refusal):
    code = "comment.long"
    sentence = N_("A comment has at most %(limit)s characters.")


@dataclass(frozen=True)
class Place:
    """What a discussion is about: a cell of two products, or of two categories."""

    main: int
    companion: int
    by_type: bool = False

    @property
    def level(self) -> str:
        return "type" if self.by_type else "sku"


def read_comment(text: str) -> str:
    """The text as it is kept: lines stay lines, other blanks become one space. Raises CommentEmpty, CommentTooLong."""
    lines = [clean_text(line) for line in text.replace("\r\n", "\n").split("\n")]
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not kept:
        raise CommentEmpty
    if len(kept) > LONGEST:
        raise CommentTooLong(limit=LONGEST)
    return kept


def labels_of(people: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Id → the name that follows "@"; people of the same name are told apart by e-mail. `people`: id → name, e-mail."""
    names = [name.casefold() for name, _ in people.values()]
    return {pk: f"{name} ({mail})" if names.count(name.casefold()) > 1 else name for pk, (name, mail) in people.items()}


def mentions_in(text: str, labels: Mapping[int, str]) -> list[int]:
    """Ids of those named by "@label", in the order of the text; the longest label that fits counts."""
    if not labels:
        return []
    ids = {" ".join(label.split()).casefold(): pk for pk, label in labels.items()}
    choice = "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in sorted(ids, key=len, reverse=True))
    found = re.finditer(rf"(?<!\w)@({choice})(?!\w)", text, re.IGNORECASE)
    return list(dict.fromkeys(ids[" ".join(hit.group(1).split()).casefold()] for hit in found))


def mention_spans(text: str, names: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is "@name" of one of the people (with the e-mail behind, if written)."""
    known = sorted({" ".join(name.split()) for name in names if name}, key=len, reverse=True)
    if not known:
        return [(text, False)]
    choice = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in known)
    pieces = re.split(rf"((?<!\w)@(?:{choice})(?!\w)(?: \([^()\s]+@[^()\s]+\))?)", text, flags=re.IGNORECASE)
    return [(piece, bool(index % 2)) for index, piece in enumerate(pieces) if piece]
