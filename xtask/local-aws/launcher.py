"""Runs ministack on a free port of this machine, prints the port, and ends with whoever started it.

Where PIPELINE_AWS_RECORD names a folder, each request of the product is written to a file in it.
"""
import asyncio, base64, json, os, socket, sys, threading, urllib.parse

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
# Listening before anything else: the port is ours, and whoever is early only waits.
listener = socket.create_server(("127.0.0.1", int(os.environ.get("GATEWAY_PORT") or 0)))
port = listener.getsockname()[1]
os.environ.update(GATEWAY_PORT=str(port), BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0")
# No Docker, even where there is one: rollouts of its own would take images from the network.
os.environ["DOCKER_HOST"] = "unix:///nonexistent"
os.environ.setdefault("LOG_LEVEL", "ERROR")


def follow():
    """Standard input ends when the parent does, however it ends."""
    while os.read(0, 1024):
        pass
    os._exit(0)


threading.Thread(target=follow, daemon=True).start()

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app as ministack

# Longer bodies are files, of which no model knows anything.
LONGEST = 256 * 1024


def recording(app, log):
    """The same, and a line of JSON in the log for each request of the product's SDK."""

    async def recorded(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = bytearray()

        async def heard():
            event = await receive()
            if len(body) <= LONGEST:
                body.extend(event.get("body", b""))
            return event

        try:
            await app(scope, heard, send)
        finally:
            # What the tests themselves set up is not the product's.
            if "aws-sdk-rust" in headers.get("user-agent", "") + headers.get("x-amz-user-agent", ""):
                line = {
                    "method": scope["method"],
                    "path": scope["raw_path"].decode("latin-1").partition("?")[0],
                    "query": urllib.parse.parse_qsl(scope["query_string"].decode(), keep_blank_values=True),
                    "headers": headers,
                    "body": base64.b64encode(body[:LONGEST]).decode(),
                }
                log.write(json.dumps(line) + "\n")

    return recorded


app = ministack
if folder := os.environ.get("PIPELINE_AWS_RECORD"):
    os.makedirs(folder, exist_ok=True)
    app = recording(ministack, open(os.path.join(folder, f"{os.getpid()}.jsonl"), "a", buffering=1))

config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.keep_alive_timeout = 75
config.loglevel = "ERROR"
print(port, flush=True)
asyncio.run(serve(app, config))
