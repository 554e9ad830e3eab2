"""`/time/raw/`, `/time/webob/`, `/time/werkzeug/`: the classic time application, written three times by others' rules.

The programs are those of the folder beside this one, as they stand.
"""

from importlib import import_module

from programs.timeapp_raw import application as time_raw

from .answer import TEXT, answer


def program(module, package):
    """The application of a module, or, where the package that it needs is not there, one that says so."""
    try:
        return import_module(module).application
    except ImportError as error:
        why = "The Python package %s cannot be used here: %s\n" % (package, error)
    return lambda environ, start_response: answer(start_response, 501, TEXT, why)


time_webob = program("programs.timeapp_webob", "webob")
time_werkzeug = program("programs.timeapp_werkz", "werkzeug")
