"""Times a provider from its start to its first schema, over mutual TLS, as Terraform would ask.

Arguments: provider, certificate, key, rounds. Prints one JSON object per round. HTTP/2 is spoken by
hand, with the standard library alone: one request, one answer.
"""
import base64, json, os, re, socket, ssl, struct, subprocess, sys, time

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
DATA, HEADERS, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 4, 6, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, flags, stream, body=b""):
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


def text(value):
    return bytes([len(value)]) + value.encode()


def request(stream, path):
    # Static entries for POST and https; the rest as literals that enter no table.
    block = b"\x83\x87\x01" + text("localhost") + b"\x04" + text(path)
    block += b"\x0f\x10" + text("application/grpc") + b"\x00" + text("te") + text("trailers")
    empty_message = b"\x00" * 5
    return frame(HEADERS, END_HEADERS, stream, block) + frame(DATA, END_STREAM, stream, empty_message)


def read(connection, size):
    body = b""
    while len(body) < size:
        part = connection.recv(size - len(body))
        if not part:
            raise SystemExit("the provider closed the connection")
        body += part
    return body


def answer(connection, stream):
    """The size of the answer on `stream`."""
    size = 0
    while True:
        head = read(connection, 9)
        kind, flags = head[3], head[4]
        body = read(connection, int.from_bytes(head[:3], "big"))
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(frame(SETTINGS, ACK, 0))
        if kind == PING and not flags & ACK:
            connection.sendall(frame(PING, ACK, 0, body))
        if int.from_bytes(head[5:], "big") == stream:
            size += len(body) if kind == DATA else 0
            if flags & END_STREAM and kind in (DATA, HEADERS):
                return size


def context(server, certificate, key):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    pem = base64.b64decode(server + "=" * (-len(server) % 4))
    tls.load_verify_locations(cadata=pem)
    tls.load_cert_chain(certificate, key)
    tls.set_alpn_protocols(["h2"])
    return tls


def resident(process):
    try:
        with open(f"/proc/{process}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) * 1024
    except OSError:
        answer = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True)
        return int(answer.stdout) * 1024


def measure(provider, certificate, key):
    environment = dict(os.environ, TF_PLUGIN_MAGIC_COOKIE=COOKIE, PLUGIN_PROTOCOL_VERSIONS="5,6")
    environment["PLUGIN_CLIENT_CERT"] = open(certificate).read()
    start = time.perf_counter()
    process = subprocess.Popen([provider], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    words = process.stdout.readline().decode().strip().split("|")
    handshake = time.perf_counter()
    network, address, server = words[2], words[3], words[5]
    if network == "unix":
        plain = socket.socket(socket.AF_UNIX)
        plain.connect(address)
    else:
        host, port = address.rsplit(":", 1)
        plain = socket.create_connection((host, int(port)))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = context(server, certificate, key).wrap_socket(plain, server_hostname="localhost")
    window = struct.pack(">HI", 4, 2**31 - 1)
    hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, window)
    hello += frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 2**30))
    connection.sendall(hello + request(1, "/tfplugin6.Provider/GetProviderSchema"))
    size = answer(connection, 1)
    end = time.perf_counter()
    memory = resident(process.pid)
    agreed = {"alpn": connection.selected_alpn_protocol(), "tls": connection.version()}
    stopping = time.perf_counter()
    connection.sendall(request(3, "/plugin.GRPCController/Shutdown"))
    # As Terraform does: the answer, then the end of the connection, then the wait.
    answer(connection, 3)
    connection.close()
    process.wait(5)
    stopped = time.perf_counter()
    return {
        "handshake_ms": (handshake - start) * 1000,
        "schema_ms": (end - start) * 1000,
        "exit_ms": (stopped - stopping) * 1000,
        "resident_bytes": memory,
        "schema_bytes": size,
        **agreed,
    }


if __name__ == "__main__":
    provider, certificate, key, rounds = sys.argv[1:]
    for _ in range(int(rounds)):
        print(json.dumps(measure(provider, certificate, key)), flush=True)
