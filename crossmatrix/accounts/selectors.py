"""Who is it, and which part of the shop is theirs."""

from django.db.models import Q

from crossmatrix.accounts.models import Membership, User
from crossmatrix.accounts.rules import ROLES, Permission, Role
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
    if "_memberships" not in user.__dict__:
        user.__dict__["_memberships"] = list(user.memberships.select_related("category").order_by("pk"))
    found: list[Membership] = user.__dict__["_memberships"]
    return found


def roles_of(user: User) -> set[Role]:
    return {Role(membership.role) for membership in memberships_of(user)}


def category_paths_of(user: User, permission: Permission | None = None) -> list[str]:
    """Path prefixes of the subtrees where the person has the permission (any role without one); "" is everything."""
    paths = {
        membership.category.path if membership.category else ""
        for membership in memberships_of(user)
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
