"""The text of a condition becomes ways to fit: each way a list of comparisons that all have to hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from crossmatrix.lib.errors import N_, Refusal

SIDES = {"main": "main", "основной": "main", "companion": "companion", "спутник": "companion"}
AND, OR, NOT = {"and", "и"}, {"or", "или"}, {"not", "не"}
SIGNS: Mapping[str, str] = {
    "=": "=", "==": "=", "!=": "!=", "<>": "!=", "≠": "!=", "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">=",
    "in": "in", "в": "in", "contains": "contains", "содержит": "contains",
}  # fmt: skip
MOST_WAYS = 32  # alternatives of one condition
TOKEN = re.compile(
    r"""\s*(?:"(?P<straight>[^"]*)"|«(?P<angled>[^»]*)»|“(?P<curly>[^”]*)”|(?P<sign>==|!=|<=|>=|<>|[=<>≤≥≠])|(?P<mark>[.()])"""
    r"""|(?P<plain>[^\s=<>!≤≥≠."«»“”()]+))"""
)


class BadCondition(Refusal):
    """`at`: the character where reading stopped, counted from 1; `word`: what stands there."""

    code = "condition.invalid"
    sentence = N_("Character %(at)s, “%(word)s”: begin each comparison with main.… or companion.….")


class NoComparison(BadCondition):
    sentence = N_("Character %(at)s, after “%(word)s” a comparison is missing: =, !=, <, <=, >, >=, in or contains.")


class NoValue(BadCondition):
    sentence = N_(
        "Character %(at)s, after “%(word)s” a value is missing: companion.…, main.…, a number or a “text in quotes”."
    )


class NoName(BadCondition):
    sentence = N_(
        "Character %(at)s, after “%(word)s.” the name of an attribute is missing; put names with spaces into quotes."
    )


class NotJoined(BadCondition):
    sentence = N_(
        "Character %(at)s, “%(word)s” is too much: join comparisons with “and” or “or”, put texts with spaces into quotes."
    )


class NotClosed(BadCondition):
    sentence = N_("Character %(at)s: “%(word)s” is opened and not closed.")


class TooManyWays(BadCondition):
    sentence = N_("The condition has too many alternatives; at most %(most)s are allowed.")


@dataclass(frozen=True)
class Ref:
    """An attribute of one side."""

    side: str  # "main" or "companion"
    name: str


@dataclass(frozen=True)
class Clause:
    left: Ref
    sign: str  # = != < <= > >= in not in contains
    right: Ref | str
    said: str = field(default="", compare=False)  # the sign in the author's words: "в" in a Russian condition


Way = tuple[Clause, ...]
Condition = tuple[Way, ...]  # one of the ways has to hold; none: everything fits


@dataclass(frozen=True)
class Word:
    text: str
    at: int  # counted from 1
    quoted: bool = False

    @property
    def key(self) -> str:
        """The word as the language knows it; of a quoted text nothing."""
        return "" if self.quoted else self.text.casefold()


def normal(text: object) -> str:
    return " ".join(str(text).casefold().replace("ё", "е").split())


def clauses_of(condition: Condition) -> Iterator[Clause]:
    """Every comparison once, in the order of the text."""
    return iter(dict.fromkeys(clause for way in condition for clause in way))


@lru_cache(maxsize=512)
def parse(text: str) -> Condition:
    """The ways of a condition; "" has none. Raises BadCondition, with the place where reading stopped."""
    words = list(_words(text))
    if not words:
        return ()
    reader = _Reader(words, len(text))
    ways = reader.either()
    if reader.now is not None:
        raise NotJoined(word=reader.now.text, at=reader.now.at)
    return ways


def _words(text: str) -> Iterator[Word]:
    place, text = 0, text.rstrip()
    while place < len(text):
        found = TOKEN.match(text, place)
        begin = place + len(text[place:]) - len(text[place:].lstrip())
        if found is None:
            if text[begin] in '"«“':
                raise NotClosed(word=text[begin], at=begin + 1)
            raise BadCondition(word=text[begin : begin + 20], at=begin + 1)
        kind = found.lastgroup or ""
        yield Word(found[kind], begin + 1, quoted=kind in ("straight", "angled", "curly"))
        place = found.end()


class _Reader:
    """Reads the words from left to right; "and" binds closer than "or"."""

    def __init__(self, words: list[Word], length: int) -> None:
        self.words, self.place, self.end = words, 0, Word("…", length + 1)

    @property
    def now(self) -> Word | None:
        return self.words[self.place] if self.place < len(self.words) else None

    def peek(self, by: int = 0) -> str:
        """What the word means to the language; "" behind the end and for quoted texts."""
        return self.words[self.place + by].key if self.place + by < len(self.words) else ""

    def take(self) -> Word:
        self.place += 1
        return self.words[self.place - 1]

    def either(self) -> Condition:
        ways = self.both()
        while self.peek() in OR:
            self.take()
            ways += self.both()
        return self.checked(ways)

    def both(self) -> Condition:
        ways = self.one()
        while self.peek() in AND:
            self.take()
            more = self.one()
            ways = self.checked(tuple((*way, *other) for way in ways for other in more))
        return ways

    def checked(self, ways: Condition) -> Condition:
        if len(ways) > MOST_WAYS:
            raise TooManyWays(most=MOST_WAYS, word="", at=1)
        return ways

    def one(self) -> Condition:
        if self.peek() != "(":
            return ((self.clause(),),)
        opened = self.take()
        ways = self.either()
        if self.peek() != ")":
            if self.now is not None:
                raise NotJoined(word=self.now.text, at=self.now.at)
            raise NotClosed(word="(", at=opened.at)
        self.take()
        return ways

    def clause(self) -> Clause:
        left, name = self.side()
        sign, said = self.sign(name)
        right = self.now
        if right is None or self.peek() in AND | OR | {")"}:
            raise NoValue(word=self.words[self.place - 1].text, at=(right or self.end).at)
        if self.peek() in SIDES:
            if self.peek(1) != ".":
                raise NoName(word=right.text, at=right.at)
            return Clause(left, sign, self.side()[0], said)
        return Clause(left, sign, self.value(), said)

    def sign(self, name: Word) -> tuple[str, str]:
        """The comparison, and how it was written."""
        before = self.place
        negated = self.peek() in NOT and SIGNS.get(self.peek(1)) == "in"
        if negated:
            self.take()
        if self.now is None or self.peek() not in SIGNS:
            raise NoComparison(word=name.text, at=(self.now or self.end).at)
        sign = f"{'not ' if negated else ''}{SIGNS[self.take().key]}"
        return sign, " ".join(word.text for word in self.words[before : self.place])

    def side(self) -> tuple[Ref, Word]:
        word = self.now or self.end
        if self.peek() not in SIDES or self.peek(1) != ".":
            raise BadCondition(word=word.text, at=word.at)
        self.take()
        self.take()
        name = self.now
        if name is None or not (name.quoted or TOKEN.match(name.text)["plain"]):  # type: ignore[index]  # every word is a token
            raise NoName(word=word.text, at=(name or self.end).at)
        return Ref(SIDES[word.key], normal(self.take().text)), name

    def value(self) -> str:
        """A text or a number: "1.5" is cut at its point and "1 000" at its space; both are put together again."""
        word = self.take()
        text = word.text
        if not word.quoted and text.lstrip("-").isdigit():
            while len(self.peek()) == 3 and self.peek().isdigit():
                text += self.take().text
            if self.peek() == "." and self.peek(1).isdigit():
                self.take()
                text += f".{self.take().text}"
        elif not word.quoted and not TOKEN.match(text)["plain"]:  # type: ignore[index]  # every word is a token
            raise NoValue(word=self.words[self.place - 2].text, at=word.at)
        return text
