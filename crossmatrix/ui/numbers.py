"""Numbers and times as people of the page's language write them."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language, gettext, ngettext

NBSP = "\u00a0"
NONE = "—"
SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "CNY": "¥"}


def exact(value: Any) -> Decimal | None:
    """The value as a Decimal; None for nothing and for what is no number."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def plain(value: Any, places: int | None = None) -> str:
    """1 290,5: grouped; `places` decimals, or as many as the number has."""
    number = exact(value)
    if number is None:
        return NONE
    return _written(number, places, get_language())


@lru_cache(maxsize=4096)  # counts, prices and shares of a list repeat; a list writes hundreds
def _written(number: Decimal, places: int | None, _language: str | None) -> str:
    if places is None:
        places = max(0, -int(number.normalize().as_tuple().exponent))
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return formats.number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True).replace("-", "\u2212")


def money(value: Any, currency: str = "RUB") -> str:
    """1 290 ₽; kopecks only when there are any."""
    number = exact(value)
    if number is None:
        return NONE
    cents = number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    whole = cents == cents.to_integral_value()
    return f"{plain(cents, 0 if whole else 2)}{NBSP}{SIGNS.get(currency or 'RUB', currency)}"


def percent(share: Any, places: int | None = None) -> str:
    """46 % (Russian) or 46% (English) of a share 0…1. Shares under 1 % keep a decimal, so that few is not none."""
    number = exact(share)
    if number is None:
        return NONE
    points = number * 100
    if places is None:
        places = 1 if 0 < abs(points) < 1 else 0
    return f"{plain(points, places)}{'' if get_language() == 'en' else NBSP}%"


def share_range(low: Any, high: Any, places: int = 0) -> str:
    """70–83 % (Russian) or 70–83% (English): an interval of shares names its unit once."""
    first, last = exact(low), exact(high)
    if first is None or last is None:
        return NONE
    return f"{plain(first * 100, places)}–{plain(last * 100, places)}{'' if get_language() == 'en' else NBSP}%"


def ratio(value: Any) -> str:
    """0,33. A ratio that is small but not zero never reads 0,00."""
    number = exact(value)
    if number is None:
        return NONE
    if 0 < number < Decimal("0.005"):
        return f"<{plain(Decimal('0.01'), 2)}"
    return plain(number, 2)


def duration(seconds: Any) -> str:
    """12 s, 3 min, 2 h 05 min."""
    number = exact(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if number is None:
        return NONE
    whole = int(number)
    if whole < 60:
        return gettext("%(n)s s") % {"n": plain(number, 1) if number < 10 and number != whole else whole}
    if whole < 3600:
        return gettext("%(n)s min") % {"n": whole // 60}
    return gettext("%(h)s h %(m)s min") % {"h": whole // 3600, "m": f"{whole % 3600 // 60:02d}"}


def moment(at: datetime, now: datetime | None = None) -> str:
    """just now · 5 minutes ago · today, 10:02 · yesterday, 17:40 · 19 November, 11:12 (the year when it is another)."""
    now = now or timezone.now()
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    past = (now - at).total_seconds()
    clock = f"{local:%H:%M}"
    if 0 <= past < 60:
        return gettext("just now")
    if 0 <= past < 3600:
        minutes = int(past // 60)
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    if local.date() == today:
        return gettext("today, %(time)s") % {"time": clock}
    if local.date() == today - timedelta(days=1):
        return gettext("yesterday, %(time)s") % {"time": clock}
    if local.date() == today + timedelta(days=1):
        return gettext("tomorrow, %(time)s") % {"time": clock}
    return f"{day_of(local.date(), 'j E' if local.year == today.year else 'j E Y')}, {clock}"


def day_of(day: date, pattern: str = "j E Y") -> str:
    """19 November 2026, by a pattern of Django's date filter."""
    return _day(day, pattern, get_language())


@lru_cache(maxsize=4096)  # the rows of a list share their days, and a pattern takes longer to read than a row
def _day(day: date, pattern: str, _language: str | None) -> str:
    return formats.date_format(day, pattern)
