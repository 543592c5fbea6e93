"""Tags and filters of every page; built in, so that no template loads them."""

from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from crossmatrix.lib.errors import N_
from crossmatrix.ui import numbers
from crossmatrix.ui import status as states

register = template.Library()
RATIO_WORDS = {
    "ok": N_("within the limit"),
    "warn": N_("above the limit"),
    "block": N_("blocks publishing"),
    "unknown": N_("not known"),
}
RATIO_TONES = {"ok": "ok", "warn": "warn", "block": "bad", "bad": "bad", "unknown": "none"}
SYSTEM = "Σ"


@register.simple_tag
def icon(name: str, size: str = "", title: str = "") -> SafeString:
    """A picture from the sprite: hidden from screen readers unless it has a title. size: s12, s14, s20 or nothing (16)."""
    source = static("img/icons.svg")
    if title:
        return format_html(
            '<svg class="i {}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', size, title, source, name
        )
    return format_html('<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', size, source, name)


@register.simple_tag
def status(state: str, label: bool = True) -> SafeString:  # noqa: FBT001, FBT002 - templates pass it by position
    """Shape and word of a state; with label=False the word is for screen readers and the tooltip."""
    look = states.look(state)
    word = gettext(look.label)
    shape = format_html(
        '<svg class="st st-{0}" aria-hidden="true"><use href="{1}#st-{0}"/></svg>', look.shape, static("img/icons.svg")
    )
    if label:
        return format_html('<span class="stl">{}<span>{}</span></span>', shape, word)
    return format_html('<span class="stl" title="{}">{}<span class="sr">{}</span></span>', word, shape, word)


@register.simple_tag
def status_pill(state: str) -> SafeString:
    """The state as a coloured pill."""
    look = states.look(state)
    shape = format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#st-{}"/></svg>', static("img/icons.svg"), look.shape
    )
    return format_html('<span class="pill {}">{}{}</span>', look.tone, shape, gettext(look.label))


@register.filter
def status_label(state: str) -> str:
    return states.label(state)


@register.simple_tag
def ratio(value: Any, status: str = "ok") -> SafeString:
    """Price ratio as number and glyph; quiet when fine. status: ok, warn, block, unknown."""
    tone = RATIO_TONES.get(str(status), "none")
    word = gettext(RATIO_WORDS.get("block" if tone == "bad" else str(status), RATIO_WORDS["unknown"]))
    return format_html(
        '<span class="ratio {}" title="{}">{}<span class="sr"> {}</span></span>',
        tone,
        gettext("Companion price to product price: %(word)s") % {"word": word},
        numbers.ratio(value),
        word,
    )


@register.filter
def money(value: Any, currency: str = "RUB") -> str:
    return numbers.money(value, currency)


@register.filter
def percent(share: Any, places: int | None = None) -> str:
    return numbers.percent(share, places)


@register.filter
def ratio2(value: Any) -> str:
    return numbers.ratio(value)


@register.filter
def num(value: Any, places: int | None = None) -> str:
    return numbers.plain(value, places)


@register.filter
def duration(seconds: Any) -> str:
    return numbers.duration(seconds)


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """A moment in words; the exact time in the tooltip and for machines."""
    if at is None:
        return numbers.NONE
    full = formats.date_format(timezone.localtime(at), "j E Y, H:i:s")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), full, numbers.moment(at))


@register.filter
def day(when: date | datetime | None) -> SafeString | str:
    """19 November 2026."""
    if when is None:
        return numbers.NONE
    local = timezone.localtime(when).date() if isinstance(when, datetime) else when
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), formats.date_format(local, "j E Y"))


@register.simple_tag
def avatar(user: Any, size: str = "") -> SafeString:
    """Initials of a person; Σ for the system itself."""
    if user is None:
        return format_html(
            '<span class="av sys {}" title="{}" aria-hidden="true">{}</span>', size, gettext("System"), SYSTEM
        )
    return format_html(
        '<span class="av a{} {}" title="{}" aria-hidden="true">{}</span>',
        (user.pk or 0) % 5 + 1,
        size,
        user,
        user.initials,
    )


@register.simple_tag
def person(user: Any) -> str:
    """Name of a person, or "System"."""
    return str(user) if user is not None else gettext("System")


@register.simple_tag
def kbd(*keys: str) -> SafeString:
    """Keys as keys: {% kbd "Ctrl" "K" %}."""
    return format_html_join("", "<kbd>{}</kbd>", ((key,) for key in keys))


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: Any) -> str:
    """The present address with some query values set; None or "" removes one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"
