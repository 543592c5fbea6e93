"""The people of the demo. They exist only in demo mode, and all sign in with the same word."""

from datetime import datetime

from crossmatrix.accounts import services as accounts
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Role
from crossmatrix.catalog.models import Supplier

PASSWORD = "demo"  # noqa: S105 - known to everybody, and only where CROSSMATRIX_DEMO is set
PEOPLE: tuple[tuple[str, str, Role, str], ...] = (
    ("manager@demo", "Елена Ковалёва", Role.CATEGORY_MANAGER, ""),
    ("manager2@demo", "Игорь Савин", Role.CATEGORY_MANAGER, ""),
    ("head@demo", "Марина Орлова", Role.HEAD, ""),
    ("analyst@demo", "Тимур Ахметов", Role.ANALYST, ""),
    ("supplier@demo", "Анна Белова", Role.SUPPLIER, "Орбис Трейд"),
    ("rival@demo", "Павел Крюков", Role.SUPPLIER, "Новара Дистрибуция"),
    ("staff@demo", "Олег Денисов", Role.STAFF, ""),
    ("integrator@demo", "Светлана Мороз", Role.INTEGRATOR, ""),
    ("admin@demo", "Администратор", Role.ADMIN, ""),
)


def add_people(*, at: datetime) -> None:
    """Everybody of PEOPLE who is missing; suppliers' people get their role when the suppliers exist."""
    for email, name, role, supplier in PEOPLE:
        user = User.objects.filter(email=email).first() or accounts.add_person(
            email=email, name=name, password=PASSWORD, actor=None, at=at, check_password=False
        )
        if not supplier:
            accounts.grant_role(user=user, role=role, actor=None, at=at)


def give_suppliers(*, at: datetime, names: dict[str, str] | None = None) -> None:
    """Tie the suppliers' people to their companies; `names` names others than those of the shop, by e-mail."""
    for email, _name, role, supplier in PEOPLE:
        name = (names or {}).get(email, supplier)
        found = Supplier.objects.filter(name=name).first() if name else None
        if found:
            accounts.grant_role(user=User.objects.get(email=email), role=role, actor=None, at=at, supplier=found.pk)
