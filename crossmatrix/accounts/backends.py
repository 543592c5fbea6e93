"""Answers Django's user.has_perm from the roles in code, so that templates need not import this area."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from crossmatrix.accounts import selectors
from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission, permits


class RoleBackend(ModelBackend):
    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Any = None) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        return permits(selectors.roles_of(user_obj), Permission(perm))

    def get_all_permissions(self, user_obj: AbstractBaseUser | AnonymousUser, obj: Any = None) -> set[str]:
        return {permission.value for permission in Permission if self.has_perm(user_obj, permission)}
