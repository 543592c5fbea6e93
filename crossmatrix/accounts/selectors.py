"""Who is it, and which part of the shop is theirs."""

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from crossmatrix.accounts.models import Deputy, Membership, User
from crossmatrix.accounts.rules import LENT, ROLES, Permission, Role
from crossmatrix.lib.errors import N_, Refusal


class UnknownPerson(Refusal):
    code = "actor.unknown"
    sentence = N_("Nobody signs in as “%(email)s”.")


def person(email: str) -> User:
    """The active person with this e-mail. Raises UnknownPerson."""
    try:
        return User.objects.get(email__iexact=email, is_active=True)
    except User.DoesNotExist:
        raise UnknownPerson(email=email) from None


def memberships_of(user: User) -> list[Membership]:
    """The person's memberships with their categories, read once per request object."""
    return _once(user, "_memberships", lambda: user.memberships.select_related("category").order_by("pk"))


def lent_to(user: User) -> list[Membership]:
    """Memberships of the people the person stands in for today, read once per request object."""

    def read() -> QuerySet[Membership]:
        today = timezone.localdate()
        away = Deputy.objects.filter(deputy=user, from_date__lte=today, to_date__gte=today, person__is_active=True)
        return Membership.objects.filter(user__in=away.values("person")).select_related("category").order_by("pk")

    return _once(user, "_lent", read)


def _once(user: User, name: str, read: Callable[[], Iterable[Membership]]) -> list[Membership]:
    """Kept on the person itself: request.user is a lazy stand-in with a __dict__ of its own."""
    found: list[Membership] | None = getattr(user, name, None)
    if found is None:
        found = list(read())
        setattr(user, name, found)
    return found


def deputies_of(user: User, today: date) -> QuerySet[Deputy]:
    """The person's deputies of today and later, the soonest first."""
    return user.deputies.filter(to_date__gte=today).select_related("deputy").order_by("from_date", "pk")


def stands_in_for(user: User, today: date) -> QuerySet[Deputy]:
    """Whom the person stands in for, today or later."""
    return user.deputises.filter(to_date__gte=today).select_related("person").order_by("from_date", "pk")


def roles_of(user: User) -> set[Role]:
    return {Role(membership.role) for membership in memberships_of(user)}


def category_paths_of(user: User, permission: Permission | None = None) -> list[str]:
    """Path prefixes of the subtrees where the person has the permission (any role without one); "" is everything.

    Decisions reach further for a deputy: into the categories of those who are away today."""
    held = [*memberships_of(user), *(lent_to(user) if permission in LENT else [])]
    paths = {
        membership.category.path if membership.category else ""
        for membership in held
        if membership.supplier_id is None and (permission is None or permission in ROLES[Role(membership.role)])
    }
    return [""] if "" in paths else sorted(paths)


def within(user: User, field: str, permission: Permission | None = None) -> Q:
    """Condition "in the person's subtrees" on a category path, such as field="main__category__path"."""
    paths = category_paths_of(user, permission)
    if paths == [""]:
        return Q()
    inside = Q(pk__in=[])
    for path in paths:
        inside |= Q(**{f"{field}__startswith": path})
    return inside


def supplier_of(user: User) -> int | None:
    """Id of the supplier the person speaks for; None for everybody else."""
    return next((m.supplier_id for m in memberships_of(user) if m.supplier_id is not None), None)


def people_who(permission: Permission) -> list[User]:
    """Active people holding the permission somewhere, by name."""
    roles = [role.value for role in Role if permission in ROLES[role]]
    return list(User.objects.filter(is_active=True, memberships__role__in=roles).distinct().order_by("name", "pk"))


def demo_people() -> list[User]:
    """The demo's sign-ins, in the order they were made; their e-mails end in "@demo"."""
    people = User.objects.filter(email__endswith="@demo", is_active=True).prefetch_related("memberships__category")
    return list(people.order_by("pk"))
