from django.urls import URLPattern, URLResolver, path

from crossmatrix.insights.views import evidence, suggestions, weak

app_name = "insights"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", evidence.overview, name="evidence"),
    path("refresh/", evidence.refresh, name="refresh"),
    path("pair/<int:main>/<int:companion>/", evidence.pair, name="pair"),
    path("weak/", weak.inbox, name="weak"),
    path("weak/look/", weak.look, name="look"),
    path("weak/<int:pk>/", weak.inbox, name="weak_flag"),
    path("weak/<int:pk>/decide/", weak.decide, name="decide"),
    path("suggestions/<int:main>/<int:companion>/", suggestions.decide, name="suggestion"),
]
