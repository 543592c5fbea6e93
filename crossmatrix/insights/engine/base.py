"""Which engine is used."""

from crossmatrix.insights.engine.protocol import Engine, EngineMissing
from crossmatrix.lib.errors import N_, Refusal

__all__ = ["Engine", "EngineMissing", "UnknownEngine", "engine_named"]


class UnknownEngine(Refusal):
    code = "engine.unknown"
    sentence = N_("There is no engine “%(name)s”; there are duckdb and spark.")


def engine_named(name: str) -> Engine:
    """The engine. Raises UnknownEngine, EngineMissing."""
    if name == "duckdb":
        from crossmatrix.insights.engine.duck import DuckEngine  # noqa: PLC0415 - only the chosen engine is loaded

        return DuckEngine()
    if name == "spark":
        from crossmatrix.insights.engine.spark import SparkEngine  # noqa: PLC0415 - pyspark is an extra

        return SparkEngine()
    raise UnknownEngine(name=name)
