from django.urls import URLPattern, URLResolver, path

from crossmatrix.matrix.views import grid, matrices

app_name = "matrix"
urlpatterns: list[URLPattern | URLResolver] = [
    # the grid
    path("", matrices.index, name="matrices"),
    path("new/", matrices.new, name="grid_new"),
    path("<int:pk>/", grid.page, name="grid"),
    path("<int:pk>/edit/", matrices.edit, name="grid_edit"),
    path("<int:pk>/layout.json", grid.layout_json, name="grid_layout"),
    path("<int:pk>/tile.json", grid.tile_json, name="grid_tile"),
    path("<int:pk>/find.json", grid.find_json, name="grid_find"),
    path("<int:pk>/cell", grid.cell, name="grid_cell"),
    path("<int:pk>/ops", grid.ops, name="grid_ops"),
    path("<int:pk>/undo", grid.undo, name="grid_undo"),
    path("<int:pk>/redo", grid.redo, name="grid_redo"),
    path("<int:pk>/submit", grid.submit, name="grid_submit"),
    path("<int:pk>/print", grid.printed, name="grid_print"),
    path("<int:pk>/export.xlsx", grid.export, name="grid_export"),
]
