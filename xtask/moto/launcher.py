"""Runs moto, a second AWS of other authors, on a free port of this machine, prints the port, and ends with
whoever started it.

Whoever calls is in the account whose number is the access key. What moto leaves out, and AWS has, is added:
rollouts of ECS, which complete at once, the encryption that buckets have by default, and the name of an answer.
Requests are not recorded: they are those that the first AWS has seen.
"""
import os, re, sys, threading

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
os.environ["MOTO_ECS_SERVICE_RUNNING"] = "1"


def follow():
    """Standard input ends when the parent does, however it ends."""
    while os.read(0, 1024):
        pass
    os._exit(0)


threading.Thread(target=follow, daemon=True).start()

from moto.core.utils import utcnow
from moto.ecs.models import EC2ContainerServiceBackend
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeBucket
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

update_service = EC2ContainerServiceBackend.update_service


def complete(backend, properties):
    """The update, and a rollout of it that is over."""
    before = backend._get_service(properties.get("cluster", "default"), properties["service"].split("/")[-1])
    revision = before.task_definition
    service = update_service(backend, properties)
    if service.task_definition != revision:
        fresh = f"ecs-svc/{mock_random.randint(0, 32**12)}"
        change = {
            "id": fresh,
            "taskDefinition": service.task_definition,
            "createdAt": utcnow(),
            "updatedAt": utcnow(),
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {fresh} completed.",
            "desiredCount": service.desired_count,
            "runningCount": service.desired_count,
            "pendingCount": 0,
            "failedTasks": 0,
        }
        service.deployments = [{**service.deployments[0], **change}]
        service.running_count, service.pending_count = service.desired_count, 0
    return service


EC2ContainerServiceBackend.update_service = complete
make_bucket = FakeBucket.__init__


def encrypted(bucket, *arguments, **named):
    make_bucket(bucket, *arguments, **named)
    bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}


FakeBucket.__init__ = encrypted
moto = DomainDispatcherApplication(create_backend_app)


def app(environ, start_response):
    caller = re.search(r"Credential=(\d{12})/", environ.get("HTTP_AUTHORIZATION", ""))
    if caller:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller[1]
    if environ["REQUEST_METHOD"] != "GET" or "versioning" not in environ["QUERY_STRING"].split("&"):
        return moto(environ, start_response)
    parts, status, headers = run_wsgi_app(moto, environ)
    text = b"".join(parts).replace(b"GetBucketVersioningResponse", b"VersioningConfiguration")
    return Response(text, status, content_type=headers.get("Content-Type"))(environ, start_response)


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *arguments):
        pass


server = make_server("127.0.0.1", int(os.environ.get("GATEWAY_PORT") or 0), app, threaded=True, request_handler=Handler)
print(server.server_port, flush=True)
server.serve_forever()
