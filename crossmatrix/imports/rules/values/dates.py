"""Days and moments as Excel, 1C and people write them."""

import datetime as dt
import re
from typing import Any

from crossmatrix.imports.rules.problems import BadValue
from crossmatrix.imports.rules.values.texts import BLANK_WORDS, CLEARED, Cleared, asked, text_of

MONTHS = {
    name: number
    for number, name in enumerate(
        [
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ],
        start=1,
    )
}
DMY = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$")
WORDY = re.compile(r"^(\d{1,2}) ([а-я]+) (\d{4})")
NO_DATES = frozenset({"00.00.0000", "0001-01-01", "01.01.0001"})
EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell knows no time zone
EARLIEST_SERIAL, LATEST_SERIAL = 20_000, 80_000  # 1954 to 2119: outside, a number is not a date


def parse_moment(value: Any, *, order: str = "dmy") -> dt.datetime | None:
    """A date with an optional time, without a zone; `order` mdy reads 12/31/2025."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if EARLIEST_SERIAL <= value <= LATEST_SERIAL:
            return EXCEL_EPOCH + dt.timedelta(seconds=round(value * 86_400))
        raise BadValue("value.not_date")
    text = text_of(value)
    if text.lower() in BLANK_WORDS or text in NO_DATES:
        return None
    try:
        return moment_of(text, order)
    except ValueError:
        raise BadValue("value.not_date") from None


def moment_of(text: str, order: str) -> dt.datetime:
    if found := DMY.match(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        day, month = (second, first) if order == "mdy" else (first, second)
        return dt.datetime(year + 2000 if year < 100 else year, month, day, *clock(found[4], found[5], found[6]))  # noqa: DTZ001
    if found := ISO.match(text):
        return dt.datetime(int(found[1]), int(found[2]), int(found[3]), *clock(found[4], found[5], found[6]))  # noqa: DTZ001
    found = WORDY.match(text.lower())
    if found and found[2] in MONTHS:
        return dt.datetime(int(found[3]), MONTHS[found[2]], int(found[1]))  # noqa: DTZ001
    raise ValueError(text)


def clock(hours: str | None, minutes: str | None, seconds: str | None) -> tuple[int, int, int]:
    return int(hours or 0), int(minutes or 0), int(seconds or 0)


def parse_date(value: Any, *, order: str = "dmy") -> dt.date | Cleared | None:
    """A day."""
    if isinstance(value, str) and asked(text_of(value)):
        return CLEARED
    moment = parse_moment(value, order=order)
    return moment.date() if moment else None
