"""A small Flask application: routes, JSON, forms, uploads, streams, cookies and sessions, redirects, errors, files."""

import hashlib
import os

from flask import (
    Flask,
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)

application = Flask(__name__)
application.secret_key = "not a secret: this is an example"


@application.route("/")
def home():
    return "Hello from Flask\n"


@application.route("/hello/<name>")
def hello(name):
    return {"hello": name, "url": url_for("hello", name=name, _external=True)}


@application.route("/json", methods=["POST"])
def as_json():
    return jsonify(got=request.get_json())


@application.route("/form", methods=["POST"])
def form():
    return jsonify({name: request.form.getlist(name) for name in sorted(request.form)})


@application.route("/upload", methods=["POST"])
def upload():
    file = request.files["file"]
    content = file.read()
    digest = hashlib.sha256(content).hexdigest()
    return jsonify(name=file.filename, type=file.mimetype, bytes=len(content), sha256=digest, title=request.form["title"])


@application.route("/raw", methods=["POST", "PUT"])
def raw():
    return jsonify(bytes=len(request.get_data()), method=request.method)


@application.route("/stream")
def stream():
    @stream_with_context
    def lines():
        for number in range(int(request.args.get("lines", 3))):
            yield "line %d for %s\n" % (number, request.path)

    return Response(lines(), mimetype="text/plain")


@application.route("/broken-stream")
def broken_stream():
    def lines():
        yield "one\n"
        raise RuntimeError("in the middle")

    return Response(lines(), mimetype="text/plain")


@application.route("/cookies")
def cookies():
    response = make_response(jsonify(request.cookies))
    response.set_cookie("one", "1", httponly=True)
    response.set_cookie("two", "a b", path="/cookies", samesite="Lax")
    return response


@application.route("/count")
def count():
    session["count"] = session.get("count", 0) + 1
    return jsonify(count=session["count"])


@application.route("/moved")
def moved():
    return redirect(url_for("home"))


@application.route("/with-slash/")
def with_slash():
    return "with a slash\n"


@application.route("/teapot")
def teapot():
    abort(418)


@application.route("/fails")
def fails():
    raise RuntimeError("on purpose")


@application.route("/nothing")
def nothing():
    return "", 204


@application.route("/file")
def file():
    """By `wsgi.file_wrapper` where the server has one; with ranges and conditions."""
    return send_file(os.path.abspath(__file__), mimetype="text/x-python", conditional=True)


@application.errorhandler(404)
def not_found(error):
    return jsonify(error="there is no %s" % request.path), 404
