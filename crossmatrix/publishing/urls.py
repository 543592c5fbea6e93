from django.urls import URLPattern, URLResolver, path

from crossmatrix.publishing.views import channels, next_release, releases

app_name = "publishing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", channels.channels, name="channels"),
    path("new/", channels.create, name="create"),
    path("<slug:code>/", channels.channel, name="channel"),
    path("<slug:code>/next/", next_release.next_release, name="next"),
    path("<slug:code>/next/look/", next_release.look_again, name="look"),
    path("<slug:code>/settings/", channels.settings, name="settings"),
    path("<slug:code>/cut/", releases.cut, name="cut"),
    path("<slug:code>/jobs/<int:pk>/", releases.progress, name="progress"),
    path("<slug:code>/releases/", releases.releases, name="releases"),
    path("<slug:code>/r/<int:number>/", releases.release, name="release"),
    path("<slug:code>/r/<int:number>/files/<str:name>", releases.download, name="download"),
    path("<slug:code>/r/<int:number>/roll-back/", releases.roll_back, name="roll_back"),
]
