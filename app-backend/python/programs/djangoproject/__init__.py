"""A Django project in one folder: `djangoproject.wsgi:application`."""
