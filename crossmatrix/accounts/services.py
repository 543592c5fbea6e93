"""People and their roles; every change is on record."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from crossmatrix.accounts.models import Deputy, Membership, User
from crossmatrix.accounts.rules import Permission, Role, permits
from crossmatrix.accounts.selectors import roles_of
from crossmatrix.audit import services as audit
from crossmatrix.lib.errors import N_, Refusal


class PersonExists(Refusal):
    code = "person.exists"
    sentence = N_("Somebody already signs in as “%(email)s”.")


class WeakPassword(Refusal):
    code = "person.password"
    sentence = N_("The password is too easy to guess: %(why)s")


class LastAdministrator(Refusal):
    code = "person.last_admin"
    sentence = N_("This is the last administrator; name another one first.")


class BadDeputy(Refusal):
    code = "deputy.unfit"
    sentence = N_("%(name)s approves nothing anywhere and cannot stand in for you.")


class BadDays(Refusal):
    code = "deputy.days"
    sentence = N_("The last day lies before the first, or is over already.")


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    password: str | None,
    actor: User | None,
    at: datetime,
    language: str = "ru",
    check_password: bool = True,
) -> User:
    """Let a person sign in; without a password they cannot until one is set. Raises PersonExists, WeakPassword."""
    if User.objects.filter(email__iexact=email).exists():
        raise PersonExists(email=email)
    user = User(email=email.lower(), name=name, language=language)
    if password and check_password:
        try:
            validate_password(password, user)
        except ValidationError as problem:
            raise WeakPassword(why=" ".join(problem.messages)) from None
    user.set_password(password)
    user.save()
    audit.record(kind="person.added", subject=user, at=at, actor=actor, after={"email": user.email, "name": name})
    return user


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: Role,
    actor: User | None,
    at: datetime,
    category: int | None = None,
    supplier: int | None = None,
) -> Membership:
    """Give the role, within a category subtree or for a supplier; given already, nothing changes."""
    scope: dict[str, Any] = {"category_id": category, "supplier_id": supplier}
    membership, new = Membership.objects.get_or_create(user=user, role=role.value, **scope)
    if new:
        audit.record(kind="role.granted", subject=user, at=at, actor=actor, after=_as_json(membership))
    user._memberships = None  # type: ignore[attr-defined]  # noqa: SLF001  read again: see selectors.memberships_of
    return membership


@transaction.atomic
def revoke_role(*, membership: Membership, actor: User | None, at: datetime) -> None:
    """Take the role away. Raises LastAdministrator."""
    admins = Membership.objects.select_for_update().filter(role=Role.ADMIN, user__is_active=True)
    if membership.role == Role.ADMIN and admins.exclude(pk=membership.pk).first() is None:
        raise LastAdministrator
    audit.record(kind="role.revoked", subject=membership.user, at=at, actor=actor, before=_as_json(membership))
    membership.delete()


@transaction.atomic
def name_deputy(
    *, person: User, deputy: User, from_date: date, to_date: date, actor: User | None, at: datetime, today: date
) -> Deputy:
    """Let another person decide in this person's categories on these days, both included. Their own work and four
    eyes stay as they are. Raises BadDeputy, BadDays."""
    if deputy.pk == person.pk or not deputy.is_active or not permits(roles_of(deputy), Permission.PAIR_APPROVE):
        raise BadDeputy(name=str(deputy))
    if to_date < from_date or to_date < today:
        raise BadDays
    named = Deputy.objects.create(person=person, deputy=deputy, from_date=from_date, to_date=to_date, created_at=at)
    audit.record(kind="deputy.named", subject=person, at=at, actor=actor, after=_days(named))
    return named


@transaction.atomic
def end_deputy(*, deputy: Deputy, actor: User | None, at: datetime) -> None:
    """From now on the deputy decides in their own categories only."""
    audit.record(kind="deputy.ended", subject=deputy.person, at=at, actor=actor, before=_days(deputy))
    deputy.delete()


def _days(deputy: Deputy) -> dict[str, object]:
    days = {"from": deputy.from_date.isoformat(), "to": deputy.to_date.isoformat()}
    return {"deputy": deputy.deputy.email, **days}


def _as_json(membership: Membership) -> dict[str, object]:
    return {"role": membership.role, "category": membership.category_id, "supplier": membership.supplier_id}
