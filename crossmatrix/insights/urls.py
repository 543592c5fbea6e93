from django.urls import URLPattern, URLResolver, path

from crossmatrix.insights.views import (
    dashboards,
    digest,
    evidence,
    orders,
    policies,
    quality,
    suggestion_queue,
    suggestions,
    weak,
)

app_name = "insights"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", evidence.overview, name="evidence"),
    path("refresh/", evidence.refresh, name="refresh"),
    path("orders/", quality.page, name="quality"),
    path("pair/<int:main>/<int:companion>/", evidence.pair, name="pair"),
    path("pair/<int:main>/<int:companion>/orders/", orders.orders, name="orders"),
    path("pair/<int:main>/<int:companion>/orders.xlsx", orders.export, name="orders_export"),
    path("dashboard/", dashboards.dashboard, name="dashboard"),
    path("dashboard/count/", dashboards.count, name="dashboard_count"),
    path("weak/", weak.inbox, name="weak"),
    path("weak/week/", digest.week, name="weak_digest"),
    path("weak/policies/", policies.policy_list, name="weak_policies"),
    path("weak/policies/<int:pk>/", policies.policy, name="weak_policy"),
    path("weak/policies/<int:pk>/remove/", policies.remove, name="weak_policy_remove"),
    path("weak/look/", weak.look, name="look"),
    path("weak/<int:pk>/", weak.inbox, name="weak_flag"),
    path("weak/<int:pk>/decide/", weak.decide, name="decide"),
    path("suggestions/", suggestion_queue.queue, name="suggestions"),
    path("suggestions/decide/", suggestion_queue.decide, name="suggestion_decide"),
    path("suggestions/fill/", suggestion_queue.fill, name="suggestions_fill"),
    path("suggestions/fill/undo/", suggestion_queue.undo_fill, name="suggestions_fill_undo"),
    path("suggestions/<int:main>/", suggestions.beside, name="suggestions_beside"),
    path("suggestions/<int:main>/<int:companion>/", suggestions.decide, name="suggestion"),
]
