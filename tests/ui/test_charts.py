import pytest

from crossmatrix.ui import charts
from crossmatrix.ui.charts import Line, Part, Scale


def test_a_scale_maps_its_ends_and_its_middle():
    up = Scale(0, 10, 100, 20)

    assert (up(0), up(5), up(10)) == (100, 60, 20)


def test_a_scale_without_span_stays_at_its_start():
    assert Scale(3, 3, 5, 50)(3) == 5


@pytest.mark.parametrize(
    ("high", "ticks"),
    [
        (0.36, [0, 0.1, 0.2, 0.3, 0.4]),
        (1, [0, 0.25, 0.5, 0.75, 1]),
        (10, [0, 2.5, 5, 7.5, 10]),
        (1900, [0, 500, 1000, 1500, 2000]),
        (40, [0, 10, 20, 30, 40]),
    ],
)
def test_ticks_are_round_and_cover_the_highest_value(high, ticks):
    assert charts.ticks_of(high) == pytest.approx(ticks)


def test_a_spark_starts_at_zero_and_ends_in_a_dot():
    drawn = charts.spark([5, 10], width=64, height=26)

    assert '<polyline points="2,13 62,3"/>' in drawn
    assert '<polygon class="fill" points="2,25 2,13 62,3 62,25"/>' in drawn
    assert '<circle cx="62" cy="3" r="2.2"/>' in drawn
    assert 'aria-hidden="true"' in drawn


def test_a_spark_is_broken_by_missing_days_instead_of_falling_to_zero():
    drawn = charts.spark([1, 1, None, 1, 1], width=44, height=26, fill=False)

    assert drawn.count("<polyline") == 2
    assert '<polyline points="2,3 12,3"/>' in drawn
    assert '<polyline points="32,3 42,3"/>' in drawn


def test_a_spark_draws_the_value_to_compare_with():
    assert '<line class="base" x1="0" x2="64" y1="13" y2="13"/>' in charts.spark([10, 10], width=64, height=26, base=5)


def test_a_spark_of_nothing_is_empty_but_keeps_its_place():
    drawn = charts.spark([None, None], width=56, height=22)

    assert 'width="56"' in drawn
    assert "polyline" not in drawn


@pytest.mark.parametrize(
    ("share", "width"), [(0.5, 'width="32"'), (1, 'width="64"'), (0.01, 'width="5"'), (1.7, 'width="64"')]
)
def test_a_bar_is_as_long_as_its_share_within_its_track(share, width):
    drawn = charts.bar(share, width=64, height=5)

    assert f'<rect class="v" {width}' in drawn


@pytest.mark.parametrize("share", [0, None])
def test_a_bar_of_nothing_is_only_its_track(share):
    assert charts.bar(share).count("<rect") == 1


def test_a_ring_covers_its_part():
    assert 'stroke-dasharray="28.3 37.7"' in charts.ring(9, 12)
    assert 'stroke-dasharray="0 37.7"' in charts.ring(0, 0)
    assert 'stroke-dasharray="37.7 37.7"' in charts.ring(13, 12)


def test_a_stack_shows_one_error_among_thousands_and_stays_whole():
    widths = charts.stack_widths([10_000, 1], room=998)

    assert widths == pytest.approx([994, 4])


def test_a_stack_leaves_empty_parts_out():
    drawn = charts.stack([Part("new", 1, "add"), Part("gone", 0, "del"), Part("same", 1, "same")], label="half")

    assert '<rect class="f-add" x="0" width="499" height="10"/>' in drawn
    assert '<rect class="f-same" x="501" width="499" height="10"/>' in drawn
    assert "f-del" not in drawn
    assert 'role="img" aria-label="half"' in drawn


def line():
    return Line(
        names=["1", "2", "3"],
        values=[0.3, 0.2, 0.1],
        low=[0.25, None, 0.05],
        high=[0.35, None, 0.15],
        bench=[0.3, 0.3, 0.3],
        tick_texts=["0 %", "10 %", "20 %", "30 %", "40 %"],
        event_at=1,
        event="<b>changed</b>",
    )


def test_a_line_chart_has_its_curve_its_comparison_and_its_last_point():
    drawn = charts.line(line(), width=408, height=144, label="falls")

    assert '<polyline class="main" points="40,39 220,64 400,89"/>' in drawn
    assert '<polyline class="bench" points="40,39 220,39 400,39"/>' in drawn
    assert '<circle class="pt" cx="400" cy="89" r="3.5"/>' in drawn
    assert '<text x="34" y="118">0 %</text>' in drawn
    assert '<text x="34" y="18">40 %</text>' in drawn


def test_the_event_is_marked_and_its_text_is_escaped():
    drawn = charts.line(line(), width=408, height=144, label="falls")

    assert '<line class="mk" x1="220" x2="220" y1="10" y2="114"/>' in drawn
    assert "&lt;b&gt;changed" in drawn
    assert "<b>" not in drawn


def test_an_interval_of_single_points_is_not_drawn_across_the_gap():
    assert 'class="ci"' not in charts.line(line(), label="falls")


def test_an_interval_goes_along_its_top_and_back_along_its_bottom():
    data = Line(names=["1", "2"], values=[2, 2], low=[1, 1], high=[4, 4])

    drawn = charts.line(data, width=408, height=144, label="flat")

    assert '<polygon class="ci" points="40,14 400,14 400,89 40,89"/>' in drawn


def test_columns_stand_on_zero():
    drawn = charts.columns(["9", "10"], [5, 10], width=148, height=70, label="grows")

    assert 'height="40"' in drawn
    assert 'height="20"' in drawn
    assert "<title>10: 10</title>" in drawn


@pytest.mark.parametrize(
    "drawn", [charts.line(line(), label="x"), charts.spark([1, 2]), charts.bar(0.4), charts.ring(1, 2)]
)
def test_no_chart_has_a_style_attribute(drawn):
    assert "style=" not in drawn
