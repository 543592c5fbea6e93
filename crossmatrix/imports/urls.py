from django.urls import URLPattern, URLResolver, path

from crossmatrix.imports.views import batches, columns, files, plan, progress

app_name = "imports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", batches.batches, name="list"),
    path("new/", batches.upload, name="upload"),
    path("template/<str:kind>.xlsx", files.template, name="template"),
    path("catalog.xlsx", files.catalog, name="catalog"),
    path("<int:pk>/", batches.batch, name="batch"),
    path("<int:pk>/progress/", progress.progress, name="progress"),
    path("<int:pk>/columns/", columns.columns, name="columns"),
    path("<int:pk>/policies/", plan.policies, name="policies"),
    path("<int:pk>/accept/<int:problem>/", plan.accept, name="accept"),
    path("<int:pk>/apply/", plan.apply, name="apply"),
    path("<int:pk>/undo/", plan.undo, name="undo"),
    path("<int:pk>/discard/", plan.discard, name="discard"),
    path("<int:pk>/errors.xlsx", files.errors, name="errors"),
    path("<int:pk>/file/", files.original, name="original"),
]
