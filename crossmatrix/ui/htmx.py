"""Answers to htmx."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment: not a plain visit, and not its way back through history (that is a whole page)."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def trigger(response: HttpResponse, event: str, detail: Any = None) -> HttpResponse:
    """Fire an event on the page when the answer arrives; events already on the response stay."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = detail
    response.headers["HX-Trigger"] = json.dumps(events)  # ASCII by escapes: headers carry no Cyrillic
    return response


def toast(response: HttpResponse, text: str, *, kind: str = "ok", url: str = "", action: str = "") -> HttpResponse:
    """A short message with the answer. kind: ok, warning, error; url: POSTed by the button `action` ("Undo" when empty)."""
    detail = {"text": str(text), "kind": kind}
    if url:
        detail |= {"url": url, "action": str(action)}
    return trigger(response, "toast", detail)


def close_dialog(response: HttpResponse) -> HttpResponse:
    """Close the dialog the request came from."""
    return trigger(response, "closeDialog")
