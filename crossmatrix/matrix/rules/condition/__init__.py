"""Which companions fit which mains: comparisons over attributes.

    main.connector = companion.connector and (main.model in companion.fits or companion.name contains main.model)

A side is "main" or "companion" (основной, спутник); after the point stands the name of an attribute, in quotes when it
has spaces, or brand, sku, price, name (бренд, артикул, цена, название). Comparisons: = != < <= > >= "in" (в),
"not in" (не в) and "contains" (содержит: whole words), joined by "and" (и), "or" (или) and brackets. Texts are compared
without regard to case and spaces; of "65 W" a comparison of size, or with a number, takes the number. A product that
lacks an attribute neither fits nor contradicts: it is unknown.
"""

from crossmatrix.matrix.rules.condition.judging import (
    Fit,
    Goods,
    fitting,
    goods,
    held,
    judge_fit,
    names_of,
    number_of,
    told,
)
from crossmatrix.matrix.rules.condition.reading import (
    BadCondition,
    Clause,
    Condition,
    NoComparison,
    NoName,
    NotClosed,
    NotJoined,
    NoValue,
    Ref,
    TooManyWays,
    clauses_of,
    normal,
    parse,
)

__all__ = [
    "BadCondition",
    "Clause",
    "Condition",
    "Fit",
    "Goods",
    "NoComparison",
    "NoName",
    "NoValue",
    "NotClosed",
    "NotJoined",
    "Ref",
    "TooManyWays",
    "clauses_of",
    "fitting",
    "goods",
    "held",
    "judge_fit",
    "names_of",
    "normal",
    "number_of",
    "parse",
    "told",
]
