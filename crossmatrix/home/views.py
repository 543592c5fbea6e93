from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crossmatrix.ui.queue import sections_for


def home(request: HttpRequest) -> HttpResponse:
    """The person's work queue."""
    return render(request, "home/home.html", {"sections": sections_for(request)})
