"""The verbs of the area."""

from crossmatrix.insights.services.orders import Ingested, forget_orders, ingest_orders, known_lines

__all__ = ["Ingested", "forget_orders", "ingest_orders", "known_lines"]
