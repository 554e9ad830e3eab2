"""The pages of the project."""

from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("", views.home),
    path("admin/", admin.site.urls),
    path("hello/<str:name>", views.hello),
    path("upload", views.upload),
    path("stream", views.stream),
    path("file", views.file),
    path("fails", views.fails),
    path("old", views.old),
]
