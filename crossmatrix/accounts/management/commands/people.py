import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from crossmatrix.accounts import selectors, services
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Role
from crossmatrix.ui.cli import Options, VerbCommand, verb


def as_json(user: User) -> dict[str, Any]:
    return {"email": user.email, "name": user.name, "roles": sorted(selectors.roles_of(user)), "active": user.is_active}


class Command(VerbCommand):
    help = "People who sign in, and their roles."

    @verb("add", help="Let a person sign in; asks for the password, or reads it from standard input.")
    def add(self, options: Options) -> dict[str, Any]:
        now = timezone.now()
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        user = services.add_person(
            email=options["email"], name=options["name"], password=password or None, actor=None, at=now
        )
        for role in options["role"]:
            services.grant_role(user=user, role=Role(role), actor=None, at=now)
        return as_json(user)

    @add.arguments
    def add_arguments_(parser: ArgumentParser) -> None:  # noqa: N805 - declares arguments, is no method
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--role", action="append", default=[], choices=[role.value for role in Role if role is not Role.SUPPLIER]
        )

    @verb("list", help="Everybody, with their roles.")
    def list_people(self, options: Options) -> list[dict[str, Any]]:
        return [as_json(user) for user in User.objects.prefetch_related("memberships").order_by("email")]
