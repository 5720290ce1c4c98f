"""Runs ministack on a free port of this machine, prints the port, and ends with whoever started it."""
import asyncio, os, socket, sys, threading

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
from ministack.app import app

config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.keep_alive_timeout = 75
config.loglevel = "ERROR"
print(port, flush=True)
asyncio.run(serve(app, config))
