"""Any of these programs, watched by `wsgiref.validate`: `VALIDATED=module:callable` names it."""

import os
from importlib import import_module
from wsgiref.validate import validator

_module, _name = os.environ["VALIDATED"].split(":")
application = validator(getattr(import_module(_module), _name))
