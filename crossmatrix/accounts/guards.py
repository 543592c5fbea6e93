"""View guards."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from crossmatrix.accounts.models import User
from crossmatrix.accounts.rules import Permission

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def requires(*permissions: Permission) -> Callable[[View[Rest]], View[Rest]]:
    """Let in who holds any of the permissions; others get the 403 page. The view carries them as `.permissions`."""

    def guard(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if not any(request.user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]  # read by the test that walks every route
        return cast(View[Rest], guarded)

    return guard


def person_of(request: HttpRequest) -> User:
    """The signed-in person, typed."""
    user: Any = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
