"""The tables of the area, by what they hold."""

from crossmatrix.insights.models.dashboards import CategoryCohort, CategoryMonth, DashboardMonth
from crossmatrix.insights.models.evidence import OfferStat, PairStat, ProductStat, Refresh, UnknownSku
from crossmatrix.insights.models.listed import ListedForType, ListedPair
from crossmatrix.insights.models.orders import OrderDay, OrderFile, OrderIntake
from crossmatrix.insights.models.suggestions import Suggestion
from crossmatrix.insights.models.weak import Exposure, WeakFlag, WeakPolicy

__all__ = [
    "CategoryCohort",
    "CategoryMonth",
    "DashboardMonth",
    "Exposure",
    "ListedForType",
    "ListedPair",
    "OfferStat",
    "OrderDay",
    "OrderFile",
    "OrderIntake",
    "PairStat",
    "ProductStat",
    "Refresh",
    "Suggestion",
    "UnknownSku",
    "WeakFlag",
    "WeakPolicy",
]
