"""What the pages answer."""

import hashlib
import os

from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST


@require_GET
def home(request):
    return HttpResponse("Hello from Django\n", content_type="text/plain; charset=utf-8")


@require_GET
def hello(request, name):
    return JsonResponse({"hello": name, "url": request.build_absolute_uri()})


@csrf_exempt
@require_POST
def upload(request):
    file = request.FILES["file"]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    told = {"name": file.name, "bytes": file.size, "sha256": digest.hexdigest(), "title": request.POST["title"]}
    return JsonResponse(told)


@require_GET
def stream(request):
    return StreamingHttpResponse(("line %d\n" % number for number in range(3)), content_type="text/plain")


@require_GET
def file(request):
    """By `wsgi.file_wrapper` where the server has one."""
    return FileResponse(open(os.path.abspath(__file__), "rb"), content_type="text/x-python")


@require_GET
def fails(request):
    raise RuntimeError("on purpose")


@require_GET
def old(request):
    return redirect("/hello/again")
