from django.urls import URLPattern, URLResolver, path

from crossmatrix.publishing import views

app_name = "publishing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.channels, name="channels"),
    path("new/", views.create, name="create"),
    path("<slug:code>/", views.channel, name="channel"),
    path("<slug:code>/next/", views.next_release, name="next"),
    path("<slug:code>/settings/", views.settings, name="settings"),
    path("<slug:code>/cut/", views.cut, name="cut"),
    path("<slug:code>/jobs/<int:pk>/", views.progress, name="progress"),
    path("<slug:code>/releases/", views.releases, name="releases"),
    path("<slug:code>/r/<int:number>/", views.release, name="release"),
    path("<slug:code>/r/<int:number>/files/<str:name>", views.download, name="download"),
    path("<slug:code>/r/<int:number>/roll-back/", views.roll_back, name="roll_back"),
]
