from django.urls import URLPattern, URLResolver, path

from crossmatrix.imports import views

app_name = "imports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.batches, name="list"),
    path("new/", views.upload, name="upload"),
    path("template/<str:kind>.xlsx", views.template, name="template"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/columns/", views.columns, name="columns"),
    path("<int:pk>/policies/", views.policies, name="policies"),
    path("<int:pk>/accept/<int:problem>/", views.accept, name="accept"),
    path("<int:pk>/apply/", views.apply, name="apply"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/errors.xlsx", views.errors, name="errors"),
    path("<int:pk>/file/", views.original, name="original"),
]
