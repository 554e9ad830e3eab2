"""The sample application in Python, the twin of app-backend/app.ts: `trivet_sample:application`.

A WSGI application (PEP 3333) of the standard library alone, for any WSGI server. Two of its paths are programs written
with WebOb and with Werkzeug; they answer 501 where the package is not installed.
"""

from .dispatch import dispatch
from .echo import echo
from .environ_page import environ_page
from .events import events
from .head_requests import without_body
from .not_found import no_web_sockets, not_found
from .script import script
from .small_site import small_site
from .times import time_raw, time_webob, time_werkzeug

application = without_body(
    dispatch(
        {
            "/env": environ_page,
            "/time/raw/": time_raw,
            "/time/webob/": time_webob,
            "/time/werkzeug/": time_werkzeug,
            "/script": script,
            "/echo": echo,
            "/events": events,
            "/express": small_site,
            "/ws": no_web_sockets,
        },
        not_found,
    )
)
