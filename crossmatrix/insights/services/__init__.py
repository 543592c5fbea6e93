"""The verbs of the area."""

from crossmatrix.insights.services.dashboards import count_dashboards, order_dashboards
from crossmatrix.insights.services.decisions import decide_flag
from crossmatrix.insights.services.exposures import (
    PlannedExposures,
    Shown,
    apply_exposures,
    record_exposures,
    restore_exposures,
)
from crossmatrix.insights.services.orders import Ingested, forget_orders, ingest_orders, known_lines, sweep_order_files
from crossmatrix.insights.services.policies import check_limits, remove_weak_policy, set_weak_policy
from crossmatrix.insights.services.refresh import order_refresh, refresh_stats
from crossmatrix.insights.services.suggestions import (
    accept_suggestion,
    fill_open_slots,
    put_off_suggestion,
    reject_suggestion,
)
from crossmatrix.insights.services.weak import flag_fixed_causes, flag_weak_pairs, order_look
from crossmatrix.insights.services.work import refresh_for_job

__all__ = [
    "Ingested",
    "PlannedExposures",
    "Shown",
    "accept_suggestion",
    "apply_exposures",
    "check_limits",
    "count_dashboards",
    "decide_flag",
    "fill_open_slots",
    "flag_fixed_causes",
    "flag_weak_pairs",
    "forget_orders",
    "ingest_orders",
    "known_lines",
    "order_dashboards",
    "order_look",
    "order_refresh",
    "put_off_suggestion",
    "record_exposures",
    "refresh_for_job",
    "refresh_stats",
    "reject_suggestion",
    "remove_weak_policy",
    "restore_exposures",
    "set_weak_policy",
    "sweep_order_files",
]
