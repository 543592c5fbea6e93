"""Counting the pairs of the orders, looking for weak ones, and what the dashboards show."""

from datetime import datetime

from crossmatrix.insights import services as insights


def refresh(*, at: datetime) -> None:
    """Count the last window, then raise the flags it gives reason for."""
    insights.refresh_stats(at=at)
    insights.flag_weak_pairs(at=at)
    insights.count_dashboards(at=at)
