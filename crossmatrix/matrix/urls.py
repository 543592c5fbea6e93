from django.urls import URLPattern, URLResolver, path

from crossmatrix.matrix.views import approvals, comments, grid, inspector, matrices, pairs, policies, slots

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
    path("<int:pk>/cell", inspector.grid_cell, name="grid_cell"),
    path("<int:pk>/ops", grid.ops, name="grid_ops"),
    path("<int:pk>/undo", grid.undo, name="grid_undo"),
    path("<int:pk>/redo", grid.redo, name="grid_redo"),
    path("<int:pk>/submit", grid.submit, name="grid_submit"),
    path("<int:pk>/print", grid.printed, name="grid_print"),
    path("<int:pk>/export.xlsx", grid.export, name="grid_export"),
    # pairs
    path("pairs/", pairs.pair_list, name="pairs"),
    path("pairs/new/", pairs.new, name="pair_new"),
    path("pairs/bulk/", pairs.bulk, name="pairs_bulk"),
    path("pairs/<int:pk>/", pairs.pair, name="pair"),
    path("pairs/<int:pk>/edit/", pairs.edit, name="pair_edit"),
    path("pairs/<int:pk>/move/", pairs.move, name="pair_move"),
    # what people say about a cell
    path("cells/<str:level>/<int:main>/<int:companion>/", comments.cell, name="cell"),
    path("cells/<str:level>/<int:main>/<int:companion>/say/", comments.say, name="say"),
    path("cells/<str:level>/<int:main>/<int:companion>/settle/", comments.settle, name="settle"),
    path("cells/<str:level>/<int:main>/<int:companion>/people.json", comments.people, name="people"),
    path("mentions/", comments.mentions, name="mentions"),
    path("mentions/read/", comments.mentions_read, name="mentions_read"),
    # approvals
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/approve/", approvals.approve_many, name="approve_many"),
    path("approvals/<int:pk>/", approvals.inbox, name="approval"),
    path("approvals/<int:pk>/decide/", approvals.decide, name="decide"),
    # type level and limits
    path("slots/", slots.slot_list, name="slots"),
    path("slots/new/", slots.new, name="slot_new"),
    path("slots/<int:pk>/", slots.slot, name="slot"),
    path("slots/<int:pk>/clear/", slots.clear, name="slot_clear"),
    path("policies/", policies.policy_list, name="policies"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("policies/<int:pk>/remove/", policies.remove, name="policy_remove"),
]
