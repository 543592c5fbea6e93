"""Charts as SVG text: geometry in attributes, colours by class, a sentence for those who do not see them.

Pure functions of numbers; the tags of templatetags/ui.py put labels in the reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Values = Sequence[float | None]
HIDDEN = SafeString('aria-hidden="true"')


def short(number: float) -> str:
    """A coordinate with at most one decimal: 12, 12.5."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Scale:
    """Maps values low…high onto pixels start…end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        return self.start if span == 0 else self.start + (value - self.low) / span * (self.end - self.start)


def nice_step(span: float, ticks: int = 4) -> float:
    """The round step (1, 2, 2.5 or 5 by a power of ten) that needs at most `ticks` steps for the span."""
    if span <= 0:
        return 1.0
    rough = span / ticks
    power = 10.0 ** floor(log10(rough))
    return next((factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999999), 10 * power)


def ticks_of(high: float, ticks: int = 4) -> list[float]:
    """Round values from 0 up to the first that covers `high`."""
    step = nice_step(high, ticks)
    count = 1
    while step * count < high * 0.999999:
        count += 1
    return [round(step * index, 10) for index in range(count + 1)]


def segments(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Runs of points without a gap: a day without data breaks the line, it does not become zero."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{short(x)},{short(y)}" for x, y in points)


def spark(
    values: Values,
    *,
    width: int = 120,
    height: int = 28,
    tone: str = "",
    base: float | None = None,
    fill: bool = True,
    label: str = "",
) -> SafeString:
    """A small line from zero up. tone: "" (accent), down, flat, area; base: a dashed line to compare with."""
    known = [value for value in values if value is not None]
    if not known:
        return format_html('<svg class="spk {}" width="{}" height="{}" aria-hidden="true"></svg>', tone, width, height)
    top = max([*known, base or 0]) or 1
    across = Scale(0, max(len(values) - 1, 1), 2, width - 2)
    up = Scale(min(0, *known), top, height - 3, 3)
    points = [None if value is None else (across(index), up(value)) for index, value in enumerate(values)]
    runs = segments(points)
    lines = format_html_join("", '<polyline points="{}"/>', ((joined(run),) for run in runs))
    areas: SafeString | str = ""
    if fill:
        floor = height - 1
        areas = format_html_join(
            "",
            '<polygon class="fill" points="{},{} {} {},{}"/>',
            ((short(run[0][0]), floor, joined(run), short(run[-1][0]), floor) for run in runs if len(run) > 1),
        )
    rule: SafeString | str = ""
    if base is not None:
        rule = format_html('<line class="base" x1="0" x2="{0}" y1="{1}" y2="{1}"/>', width, short(up(base)))
    last_x, last_y = runs[-1][-1]
    dot = format_html('<circle cx="{}" cy="{}" r="2.2"/>', short(last_x), short(last_y))
    return format_html(
        '<svg class="spk {}" viewBox="0 0 {} {}" width="{}" height="{}" {}>{}{}{}{}</svg>',
        tone, width, height, width, height, spoken(label), areas, rule, lines, dot,
    )  # fmt: skip


def spoken(label: str) -> SafeString:
    """role=img with the sentence, or hidden when the number stands beside it."""
    return format_html('role="img" aria-label="{}"', label) if label else HIDDEN


def bar(share: float | None, *, width: int = 64, height: int = 5, tone: str = "v", label: str = "") -> SafeString:
    """A share 0…1 as a bar; a share above zero is never thinner than its own round end."""
    track = format_html('<rect width="{}" height="{}" rx="{}"/>', width, height, short(height / 2))
    filled: SafeString | str = ""
    if share:
        long = min(width, max(height, width * share))
        filled = format_html(
            '<rect class="{}" width="{}" height="{}" rx="{}"/>', tone, short(long), height, short(height / 2)
        )
    return format_html(
        '<svg class="bars" width="{0}" height="{1}" viewBox="0 0 {0} {1}" {2}>{3}{4}</svg>',
        width, height, spoken(label), track, filled,
    )  # fmt: skip


def ring(done: float, of: float, *, tone: str = "ok", label: str = "") -> SafeString:
    """Part of a whole as a ring of 16 px, from the top clockwise."""
    round_length = 2 * 3.14159 * 6
    share = min(1.0, max(0.0, done / of)) if of else 0.0
    return format_html(
        '<svg class="ring {}" viewBox="0 0 16 16" width="16" height="16" {}><circle cx="8" cy="8" r="6"/>'
        '<circle class="v" cx="8" cy="8" r="6" stroke-dasharray="{} {}" transform="rotate(-90 8 8)"/></svg>',
        tone, spoken(label), short(round_length * share), short(round_length),
    )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A piece of a stacked bar."""

    name: str
    count: float
    tone: str


def stack(parts: Sequence[Part], *, width: int = 1000, height: int = 10, gap: int = 2, label: str = "") -> SafeString:
    """Parts of a whole side by side, each at least 4 units wide so that one error among thousands is seen."""
    shown = [part for part in parts if part.count > 0]
    room = width - gap * max(len(shown) - 1, 0)
    widths = stack_widths([part.count for part in shown], room)
    rects, left = [], 0.0
    for part, long in zip(shown, widths, strict=True):
        rects.append((f"f-{part.tone}", short(left), short(long), height))
        left += long + gap
    drawn = format_html_join("", '<rect class="{}" x="{}" width="{}" height="{}"/>', rects)
    return format_html(
        '<svg class="stack" viewBox="0 0 {} {}" preserveAspectRatio="none" {}>{}</svg>',
        width,
        height,
        spoken(label),
        drawn,
    )


def stack_widths(counts: Sequence[float], room: float, least: float = 4) -> list[float]:
    """Widths in proportion to the counts, none below `least`; together exactly `room`."""
    total = sum(counts)
    if not total:
        return []
    widths = [max(least, room * count / total) for count in counts]
    spare = sum(widths) - room
    wide = [index for index, long in enumerate(widths) if long > least]
    pool = sum(widths[index] for index in wide)
    for index in wide:
        widths[index] -= spare * widths[index] / pool
    return widths


@dataclass(frozen=True)
class Line:
    """What a line chart shows. All lists have one value per x; None is "no data", not zero."""

    names: Sequence[str]  # of the points on x
    values: Values
    low: Values = ()  # of the interval around the values
    high: Values = ()
    bench: Values = ()  # to compare with
    tick_texts: Sequence[str] = ()
    event_at: int | None = None  # index of x
    event: str = ""
    events: Sequence[tuple[int, str]] = ()  # more of them: (index of x, short name)
    unit: str = "num"  # num, percent (shares 0…1) or money
    main_name: str = ""  # for the legend and the table
    bench_name: str = ""
    interval_name: str = ""


LEFT, RIGHT, TOP, BOTTOM = 40, 8, 14, 30


def line_top(line: Line) -> float:
    known = [value for values in (line.values, line.high, line.bench) for value in values if value is not None]
    return max(known, default=1.0) or 1.0


def line_ticks(line: Line) -> list[float]:
    """Values of the horizontal rules, from 0; format them for `tick_texts`."""
    return ticks_of(line_top(line))


def line(data: Line, *, width: int = 420, height: int = 176, label: str) -> SafeString:
    """A line with its interval, a dashed line to compare with, and marked events; y starts at 0."""
    ticks = line_ticks(data)
    texts = list(data.tick_texts) or [f"{tick:g}" for tick in ticks]
    across = Scale(0, max(len(data.values) - 1, 1), LEFT, width - RIGHT)
    up = Scale(0, ticks[-1], height - BOTTOM, TOP)
    return format_html(
        '<svg class="chart-line" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        width,
        height,
        label,
        axes(data, ticks, texts, across, up, width=width, height=height),
        band(data, across, up),
        curves("bench", data.bench, across, up),
        curves("main", data.values, across, up),
        last_point(data.values, across, up),
        event(data, across, height=height),
    )


def axes(
    data: Line, ticks: list[float], texts: list[str], across: Scale, up: Scale, *, width: int, height: int
) -> SafeString:
    rules = format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}">{}</text>',
        (
            (LEFT, width - RIGHT, short(up(tick)), short(up(tick)), LEFT - 6, short(up(tick) + 4), text)
            for tick, text in zip(ticks, texts, strict=True)
        ),
    )
    count = len(data.names)
    shown = sorted({0, count // 3, 2 * count // 3, count - 1}) if count > 3 else range(count)
    names = format_html_join(
        "",
        '<text class="xl{}" x="{}" y="{}">{}</text>',
        (
            (" e" if index == count - 1 and count > 1 else "", short(across(index)), height - 8, data.names[index])
            for index in shown
        ),
    )
    return format_html('<g class="ax">{}{}</g>', rules, names)


def band(data: Line, across: Scale, up: Scale) -> SafeString:
    """The interval, broken where there is no data."""
    ends = [
        None if low is None or high is None else (across(index), up(low), up(high))
        for index, (low, high) in enumerate(zip(data.low, data.high, strict=False))
    ]
    runs: list[list[tuple[float, float, float]]] = [[]]
    for end in ends:
        if end is not None:
            runs[-1].append(end)
        elif runs[-1]:
            runs.append([])
    return format_html_join(
        "",
        '<polygon class="ci" points="{} {}"/>',
        (
            (joined([(x, high) for x, _, high in run]), joined([(x, low) for x, low, _ in reversed(run)]))
            for run in runs
            if len(run) > 1
        ),
    )


def curves(css: str, values: Values, across: Scale, up: Scale) -> SafeString:
    points = [None if value is None else (across(index), up(value)) for index, value in enumerate(values)]
    return format_html_join("", '<polyline class="{}" points="{}"/>', ((css, joined(run)) for run in segments(points)))


def last_point(values: Values, across: Scale, up: Scale) -> SafeString:
    found = [(across(index), up(value)) for index, value in enumerate(values) if value is not None]
    return format_html_join(
        "", '<circle class="pt" cx="{}" cy="{}" r="3.5"/>', ((short(x), short(y)) for x, y in found[-1:])
    )


def event(data: Line, across: Scale, *, height: int) -> SafeString:
    """A dashed upright at each marked x, named at its freer side."""
    marks = [*data.events, *([(data.event_at, data.event)] if data.event_at is not None else [])]
    drawn = []
    for index, name in marks:
        x, left_half = across(index), index < len(data.values) / 2
        side = short(x + 4 if left_half else x - 4)
        drawn.append((short(x), short(x), TOP - 4, height - BOTTOM, "" if left_half else " e", side, TOP + 4, name))
    return format_html_join(
        "", '<line class="mk" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="mkt{}" x="{}" y="{}">{}</text>', drawn
    )


def columns(
    names: Sequence[str], values: Values, *, width: int = 420, height: int = 140, label: str, tone: str = "v"
) -> SafeString:
    """Upright columns from zero, for counts by day or month."""
    known = [value for value in values if value is not None]
    ticks = ticks_of(max(known, default=1.0) or 1.0, 3)
    up = Scale(0, ticks[-1], height - 22, 8)
    slot = (width - LEFT - RIGHT) / max(len(values), 1)
    wide = min(28.0, slot * 0.7)
    rules = format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}">{}</text>',
        ((LEFT, width - RIGHT, short(up(t)), short(up(t)), LEFT - 6, short(up(t) + 4), f"{t:g}") for t in ticks),
    )
    drawn = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}: {}</title></rect>',
        (
            (
                tone,
                short(LEFT + slot * index + (slot - wide) / 2),
                short(up(value)),
                short(wide),
                short(up(0) - up(value)),
                names[index],
                f"{value:g}",
            )
            for index, value in enumerate(values)
            if value
        ),
    )
    ends = format_html_join(
        "",
        '<text class="xl{}" x="{}" y="{}">{}</text>',
        (
            (
                " e" if index and index == len(names) - 1 else "",
                short(LEFT if not index else width - RIGHT),
                height - 6,
                names[index],
            )
            for index in sorted({0, len(names) - 1})
            if names
        ),
    )
    return format_html(
        '<svg class="chart-cols" viewBox="0 0 {} {}" role="img" aria-label="{}"><g class="ax">{}{}</g>{}</svg>',
        width, height, label, rules, ends, drawn,
    )  # fmt: skip
