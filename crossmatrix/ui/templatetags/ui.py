"""Tags and filters of every page; built in, so that no template loads them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import forms, template
from django.forms.utils import flatatt
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from crossmatrix.lib.errors import N_
from crossmatrix.ui import charts, numbers, rows
from crossmatrix.ui import status as states

register = template.Library()
SEARCH = "q"
RATIO_WORDS = {
    "ok": N_("within the limit"),
    "warn": N_("above the limit"),
    "block": N_("blocks publishing"),
    "unknown": N_("not known"),
}
RATIO_TONES = {"ok": "ok", "warn": "warn", "block": "bad", "bad": "bad", "unknown": "none"}
SYSTEM = "Σ"
SELECTED = SafeString(" selected")


@register.simple_tag
@lru_cache(maxsize=1024)  # the same few dozen stand on every page
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
    return _status(look.shape, gettext(look.label), bool(label))


@lru_cache(maxsize=512)  # a state stands in every row of a list
def _status(name: str, word: str, label: bool) -> SafeString:  # noqa: FBT001 - a key of the cache
    shape = format_html(
        '<svg class="st st-{0}" aria-hidden="true"><use href="{1}#st-{0}"/></svg>', name, static("img/icons.svg")
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
    return rows.markup(
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
def points(value: Any) -> str:
    """Points out of a hundred as a share: 92 % (Russian) or 92% (English)."""
    return numbers.percent(value / 100)


@register.simple_tag
def share_range(low: Any, high: Any, places: int = 0) -> str:
    """An interval of shares: 70–83 %."""
    return numbers.share_range(low, high, places)


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
    local = timezone.localtime(at)
    full = f"{numbers.day_of(local.date())}, {local:%H:%M:%S}"
    return rows.markup('<time datetime="{}" title="{}">{}</time>', at.isoformat(), full, numbers.moment(at))


@register.filter
def day(when: date | datetime | None) -> SafeString | str:
    """19 November 2026."""
    if when is None:
        return numbers.NONE
    local = timezone.localtime(when).date() if isinstance(when, datetime) else when
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), numbers.day_of(local))


@register.simple_tag
def avatar(user: Any, size: str = "") -> SafeString:
    """Initials of a person; Σ for the system itself."""
    if user is None:
        return rows.markup(
            '<span class="av sys {}" title="{}" aria-hidden="true">{}</span>', size, gettext("System"), SYSTEM
        )
    return rows.markup(
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
def url_with(context: template.Context, *pairs: Any, **named: Any) -> str:
    """The present address with some query values set; None or "" removes one.

    {% url_with page=2 %} or, with a name in a variable, {% url_with field page.next_page_number "from" None %}.
    """
    query = context["request"].GET.copy()
    for name, value in [*zip(pairs[::2], pairs[1::2], strict=True), *named.items()]:
        if value in (None, ""):
            query.pop(str(name), None)
        else:
            query[str(name)] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def table_rows(table: Any) -> SafeString:
    """The <tr>s of a table of the list kit."""
    return rows.body(table)


@register.simple_tag
def filter_control(field: forms.BoundField) -> SafeString:
    """A filter in the bar: the search field `q` wide with its icon, a switch as a chip, a select that names itself."""
    widget, label = field.field.widget, str(field.label)
    if field.is_hidden:
        return field.as_widget()
    if field.name == SEARCH:
        attrs: dict[str, str | bool] = {
            "class": "bare srch-in",
            "placeholder": label,
            "autocomplete": "off",
            "type": "search",
        }
        return format_html(
            '<label class="field sm">{}<span class="sr">{}</span>{}</label>',
            icon("search", "s14"),
            label,
            field.as_widget(attrs=attrs),
        )
    if isinstance(widget, forms.CheckboxInput):
        return format_html(
            '<label class="chip">{}<span>{}</span></label>', field.as_widget(attrs={"class": "check"}), label
        )
    if isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
        return rows.markup('<label class="sr" for="{}">{}</label>{}', field.id_for_label, label, select(field))
    return format_html('<label class="sr" for="{}">{}</label>{}', field.id_for_label, label, field.as_widget())


def select(field: forms.BoundField) -> SafeString:
    """A <select> whose empty choice names the field; the widget of Django renders a template for each of its options."""
    widget: Any = field.field.widget
    known = widget.format_value(field.value())
    chosen = known if isinstance(known, list) else [known]
    nothing = "unknown" if isinstance(widget, forms.NullBooleanSelect) else ""
    attrs = widget.build_attrs(widget.attrs, field.build_widget_attrs({"id": field.auto_id}, widget))
    options = [
        rows.markup(
            '<option value="{}"{}>{}</option>', key, SELECTED if str(key) in chosen else "",
            field.label if str(key) == nothing else text,
        )
        for key, text in widget.choices
    ]  # fmt: skip
    return rows.markup('<select name="{}"{}>{}</select>', field.html_name, flatatt(attrs), SafeString("".join(options)))


UNITS: dict[str, Callable[[Any], str]] = {"num": numbers.plain, "percent": numbers.percent, "money": numbers.money}


@register.simple_tag
def spark(
    values: Any, width: int = 120, height: int = 28, tone: str = "", base: Any = None, fill: int = 1, label: str = ""
) -> SafeString:
    """A small line; see ui.charts.spark. Hidden from screen readers without a label: the number stands beside it."""
    known = [None if value is None else float(value) for value in values]
    base = None if base is None else float(base)
    return charts.spark(known, width=width, height=height, tone=tone, base=base, fill=bool(fill), label=label)


@register.simple_tag
def bar(share: Any, width: int = 64, tone: str = "v", height: int = 5, label: str = "") -> SafeString:
    """A share 0…1 as a bar. tone: v (accent), ok, warn, bad, avg."""
    return charts.bar(None if share is None else float(share), width=width, height=height, tone=tone, label=label)


@register.simple_tag
def ring(done: Any, of: Any, tone: str = "ok", label: str = "") -> SafeString:
    return charts.ring(float(done or 0), float(of or 0), tone=tone, label=label)


@register.simple_tag
def coverage(done: int, of: int, width: int = 64) -> SafeString:
    """How many of how many, as words and a bar: 11 of 12."""
    share = done / of if of else None
    tone = "ok" if share is not None and share >= 1 else "warn" if share is not None and share < 0.5 else "v"
    words = gettext("%(done)s of %(of)s") % {"done": numbers.plain(done), "of": numbers.plain(of)}
    return format_html(
        '<span class="cover"><span class="num">{}</span>{}</span>', words, charts.bar(share, width=width, tone=tone)
    )


@register.simple_tag
def stack_bar(parts: Any, label: str) -> SafeString:
    """A stacked bar of ui.charts.Part."""
    return charts.stack(parts, label=label)


@register.simple_tag
def line_chart(data: charts.Line, label: str, width: int = 420, height: int = 176) -> SafeString:
    """A ui.charts.Line with the ticks written in its unit."""
    ticks = [UNITS[data.unit](tick) for tick in charts.line_ticks(data)]
    return charts.line(replace(data, tick_texts=ticks), width=width, height=height, label=label)


@register.simple_tag
def column_chart(names: Any, values: Any, label: str, width: int = 420, height: int = 140) -> SafeString:
    return charts.columns(list(names), [float(value or 0) for value in values], width=width, height=height, label=label)


@register.filter
def chart_rows(data: charts.Line) -> list[tuple[str, str, str, str]]:
    """Rows of the table beside a chart: name, value, interval, comparison."""
    words = UNITS[data.unit]

    def at(values: charts.Values, index: int) -> float | None:
        return values[index] if index < len(values) else None

    rows = []
    for index, name in enumerate(data.names):
        low, high = at(data.low, index), at(data.high, index)
        interval = "" if low is None or high is None else f"{words(low)} – {words(high)}"
        compared = at(data.bench, index)
        rows.append((name, words(at(data.values, index)), interval, "" if compared is None else words(compared)))
    return rows


@register.filter
def percent_number(share: Any) -> str:
    """A share 0…1 as points for an attribute: 46.3, with a dot in every language."""
    return charts.short(float(share or 0) * 100)
