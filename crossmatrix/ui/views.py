"""The command menu's answers and the gallery of components."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crossmatrix.ui.commands import find
from crossmatrix.ui.gallery import gallery_page


def commands(request: HttpRequest) -> HttpResponse:
    """Options of the command menu for what was typed."""
    query = request.GET.get("q", "")
    return render(request, "ui/_commands.html", {"found": find(request, query), "query": query})


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "ui/gallery.html", gallery_page(request))
