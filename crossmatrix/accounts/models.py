from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext

from crossmatrix.accounts.rules import ROLE_NAMES, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with a hashed password; None makes signing in impossible until one is set."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail. What they may do follows from their memberships."""

    email = models.CharField(max_length=254)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=5, default="ru", choices=[("ru", "Русский"), ("en", "English")])
    theme = models.CharField(max_length=5, blank=True, choices=[("light", "light"), ("dark", "dark")])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_email_once"),
            models.UniqueConstraint(fields=["email"], name="accounts_email_exact_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.name.split()[:2]).upper() or self.email[:2].upper()

    @property
    def role_title(self) -> str:
        """The person's roles in words of the page's language: "Category manager, Analyst"."""
        known = self.__dict__.get("_memberships")  # read once per request by selectors.memberships_of
        held = {membership.role for membership in (known if known is not None else self.memberships.all())}
        return ", ".join(gettext(ROLE_NAMES[role]) for role in Role if role.value in held)


class Membership(models.Model):
    """A role of a person: everywhere, within one category subtree, or for one supplier."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    category = models.ForeignKey("catalog.Category", models.CASCADE, null=True, blank=True)  # null: all categories
    supplier = models.ForeignKey("catalog.Supplier", models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "category", "supplier"], nulls_distinct=False, name="accounts_membership_once"
            ),
            models.CheckConstraint(
                condition=(Q(role="supplier") & Q(supplier__isnull=False) & Q(category__isnull=True))
                | (~Q(role="supplier") & Q(supplier__isnull=True)),
                name="accounts_supplier_role_names_its_supplier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    @property
    def role_name(self) -> str:
        return gettext(ROLE_NAMES[Role(self.role)])


class Deputy(models.Model):
    """Who decides in a person's categories while the person is away; both days included."""

    person = models.ForeignKey(User, models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(User, models.CASCADE, related_name="deputises")
    from_date = models.DateField()
    to_date = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="accounts_deputy_is_another_person"),
            models.CheckConstraint(condition=Q(from_date__lte=F("to_date")), name="accounts_deputy_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.person_id} {self.from_date}..{self.to_date}"
