"""What a change of limits would do, before anybody makes it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crossmatrix.catalog.models import Category
from crossmatrix.insights.rules.policy import Limits
from crossmatrix.insights.rules.words import Cause
from crossmatrix.insights.selectors.causes import Evidence, Key, causes_of
from crossmatrix.insights.selectors.offers import offers
from crossmatrix.insights.selectors.policies import limits_by_path
from crossmatrix.matrix.models import Pair
from crossmatrix.ui.numbers import plain

EXAMPLES = 8


@dataclass(frozen=True)
class Example:
    pair: Pair
    cause: Cause
    evidence: Evidence


@dataclass(frozen=True)
class Preview:
    """Flags that would come and go, against what the limits in force find today."""

    checked: int
    now: int
    more: int
    fewer: int
    by_cause: list[tuple[Cause, int, int]]  # cause, more, fewer; only causes that change
    examples: list[Example]  # of those that would come

    @property
    def words(self) -> str:
        """The whole as one sentence in the reader's language."""
        if self.more:
            text = ngettext(
                "This change would flag %(n)s more pair", "This change would flag %(n)s more pairs", self.more
            ) % {"n": plain(self.more)}
        else:
            text = _("This change would flag nothing new") if self.fewer else _("This change would change nothing")
        if self.fewer:
            gone = ngettext("and let %(n)s go", "and let %(n)s go", self.fewer) % {"n": plain(self.fewer)}
            return f"{text}, {gone}"
        return text


def preview(*, category: Category | None, limits: Limits | None, at: datetime) -> Preview:
    """Judge every pair by the limits in force and by these in the category (None: its policy taken away)."""
    known, present = offers(timezone.localdate(at)), limits_by_path()
    path = category.path if category else ""
    changed = dict(present)
    if limits is not None:
        changed[path] = limits
    elif path:
        changed.pop(path, None)
    before, after = causes_of(known, present, at).found, causes_of(known, changed, at).found
    come, go = after.keys() - before.keys(), before.keys() - after.keys()
    came, went = Counter(cause for _, cause in come), Counter(cause for _, cause in go)
    pairs = known.by_id
    order = list(Cause)
    shown: list[Key] = sorted(come, key=lambda key: (order.index(key[1]), key[0]))[:EXAMPLES]
    return Preview(
        checked=len(known.pairs), now=len(before), more=len(come), fewer=len(go),
        by_cause=[(cause, came[cause], went[cause]) for cause in order if came[cause] or went[cause]],
        examples=[Example(pairs[pk], cause, after[pk, cause]) for pk, cause in shown],
    )  # fmt: skip
