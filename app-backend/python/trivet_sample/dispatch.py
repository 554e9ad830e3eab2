"""One application out of several, chosen by path."""


def dispatch(routes, otherwise):
    """The longest prefix that the path lies under decides.

    A prefix that ends in a slash is a mount: it moves to SCRIPT_NAME, and the application behind it sees a path of its
    own. Others see the path as it came.
    """
    longest_first = sorted(routes.items(), key=lambda route: len(route[0]), reverse=True)

    def application(environ, start_response):
        path = environ.get("PATH_INFO", "")
        for prefix, chosen in longest_first:
            if not is_under(prefix, path):
                continue
            if prefix.endswith("/"):
                environ = mounted(environ, prefix[:-1])
            return chosen(environ, start_response)
        return otherwise(environ, start_response)

    return application


def is_under(prefix, path):
    if prefix.endswith("/"):
        return path.startswith(prefix)
    return path == prefix or path.startswith(prefix + "/")


def mounted(environ, mount):
    """A copy in which the mount is a part of SCRIPT_NAME: the environ belongs to who was called with it."""
    copy = dict(environ)
    copy["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + mount
    copy["PATH_INFO"] = environ["PATH_INFO"][len(mount) :]
    return copy
