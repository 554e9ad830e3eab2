"""The same with the files of `STATIC_URL` by Django itself, as its development server does: for comparison only."""

from django.contrib.staticfiles.handlers import StaticFilesHandler

from .wsgi import application as _application

application = StaticFilesHandler(_application)
