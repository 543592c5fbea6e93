"""The discussion of a cell as a fragment (matrix/_discussion.html) for any page that shows the cell."""

from dataclasses import dataclass

from django.utils import timezone

from crossmatrix.accounts.models import User
from crossmatrix.matrix.models import Comment
from crossmatrix.matrix.rules.comments import LONGEST, Place
from crossmatrix.matrix.selectors import comments as read
from crossmatrix.matrix.services import comments as write


@dataclass(frozen=True)
class Discussion:
    """What matrix/_discussion.html shows; `problem` and `draft` after a refused send."""

    place: Place
    comments: list[Comment]
    problem: str = ""
    draft: str = ""
    longest: int = LONGEST

    @property
    def standing(self) -> list[Comment]:
        return [comment for comment in self.comments if comment.resolved_at is None]

    @property
    def settled(self) -> list[Comment]:
        return [comment for comment in self.comments if comment.resolved_at is not None]


def discussion_of(person: User, place: Place, *, problem: str = "", draft: str = "") -> Discussion:
    """The discussion for a page or a panel; showing it counts as having read one's mentions in it."""
    write.see(place=place, person=person, at=timezone.now())
    return Discussion(place, read.comments_of(place, person), problem, draft)
