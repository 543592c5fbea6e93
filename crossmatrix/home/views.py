from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crossmatrix.home.selectors import first_steps
from crossmatrix.ui.queue import sections_for


def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person; for a new shop, what to do first."""
    sections = sections_for(request)
    waiting = sum(section.count for section in sections if section.waits)
    page = {
        "sections": sections,
        "waiting": waiting,
        "steps": [] if waiting else first_steps(request.user),
        "today": timezone.now(),
    }
    return render(request, "home/home.html", page)
