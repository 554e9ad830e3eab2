"""Django's commands for this project, from the folder above: `python3 -m djangoproject.manage migrate`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djangoproject.settings")
    execute_from_command_line(sys.argv)
