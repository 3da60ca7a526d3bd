# SPDX-License-Identifier: ISC
"""A scripted web server: what each path answers is set by the test, piece by
piece where that matters, and each request is recorded with its time."""
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gate:
    """Stands between two chunks of a body: the rest is held until open().
    `reached` tells that all before it was sent."""

    def __init__(self):
        self.reached = threading.Event()
        self.opened = threading.Event()

    def open(self):
        self.opened.set()


class Answer:
    """Status, headers and a body: one text, or a list of texts and gates,
    which is sent in chunks. length: a Content-Length that lies."""

    def __init__(self, body="", status=200, headers=None, length=None):
        self.status = status
        self.headers = {"Content-Type": "application/rss+xml",
                        **(headers or {})}
        self.chunks = body if isinstance(body, list) else None
        self.body = b"" if self.chunks is not None else to_bytes(body)
        self.length = length


# tcpi_last_data_recv in struct tcp_info (linux/tcp.h): milliseconds.
LAST_DATA_RECV = 52


def read_silence_s(connection):
    """How long ago the kernel took in this connection's last bytes."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from("I", info, LAST_DATA_RECV)[0] / 1000


class Request:
    """arrived: when the kernel had it, however late a thread of ours came
    to look (monotonic, as the field of that name)."""

    def __init__(self, handler, body=b""):
        self.time = time.time()
        self.monotonic = time.monotonic()
        self.arrived = self.monotonic - read_silence_s(handler.connection)
        self.handler = handler
        self.method = handler.command
        self.path = handler.path
        self.headers = {k.lower(): v for k, v in handler.headers.items()}
        self.body = body


def to_bytes(text):
    return text.encode() if isinstance(text, str) else text


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write per chunk must be one arrival: Nagle would hold it back.
    disable_nagle_algorithm = True
    last_request = None

    def handle(self):
        """A client that is killed with an answer unread resets the
        connection; one that has read it just closes."""
        try:
            super().handle()
            self.server.owner.on_hang_up(self.last_request, True)
        except OSError:
            self.server.owner.on_hang_up(self.last_request, False)
            raise

    def do_GET(self):
        self.server.owner.answer(self)

    def do_POST(self):
        self.server.owner.on_head(self)
        length = int(self.headers.get("Content-Length", 0))
        self.server.owner.answer(self, self.rfile.read(length))

    def log_message(self, format, *args):
        pass


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner, host):
        super().__init__((host, 0), Handler)
        self.owner = owner

    def handle_error(self, request, client_address):
        pass        # a client that hangs up is part of a test


class Server:
    """Listens on a loopback port of its own; answers come from subclasses'
    find_answer(request). close() opens every gate."""

    def __init__(self, host="127.0.0.1"):
        self.requests = []
        self.gates = []
        self.lock = threading.Lock()
        self.host = host
        self.listener = Listener(self, host)
        self.port = self.listener.server_address[1]
        self.thread = threading.Thread(
            target=self.listener.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def url(self, path="/"):
        return f"http://{self.host}:{self.port}{path}"

    def gate(self):
        gate = Gate()
        self.gates.append(gate)
        return gate

    def requests_of(self, path):
        with self.lock:
            return [r for r in self.requests if r.path == path]

    def close(self):
        for gate in self.gates:
            gate.open()
        self.listener.shutdown()
        self.listener.server_close()

    def find_answer(self, request):
        raise NotImplementedError

    def on_head(self, handler):
        """The headers of a POST were read, its body was not."""

    def on_answered(self, request):
        """The whole answer was written."""

    def on_hang_up(self, last_request, has_read_all):
        """The client closed the connection; last_request may be None."""

    def answer(self, handler, body=b""):
        request = handler.last_request = Request(handler, body)
        with self.lock:
            self.requests.append(request)
        self.send(handler, self.find_answer(request))
        self.on_answered(request)

    def send(self, handler, answer):
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        if answer.chunks is not None:
            self.send_chunks(handler, answer)
            return
        if answer.status not in (204, 304):
            handler.send_header("Content-Length",
                                str(len(answer.body) if answer.length is None
                                    else answer.length))
        handler.end_headers()
        handler.wfile.write(answer.body)
        if answer.length is not None:
            handler.close_connection = True

    def send_chunks(self, handler, answer):
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in answer.chunks:
            if isinstance(chunk, Gate):
                handler.wfile.flush()
                chunk.reached.set()
                chunk.opened.wait()
            else:
                data = to_bytes(chunk)
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        handler.wfile.write(b"0\r\n\r\n")


class FeedServer(Server):
    """set(path, Answer) or set(path, function of the request)."""

    def __init__(self, host="127.0.0.1"):
        super().__init__(host)
        self.answers = {}

    def set(self, path, answer):
        if isinstance(answer, str):
            answer = Answer(answer)
        with self.lock:
            self.answers[path] = answer
        return self.url(path)

    def find_answer(self, request):
        with self.lock:
            answer = self.answers.get(request.path)
        if answer is None:
            return Answer("no such feed", 404, {"Content-Type": "text/plain"})
        return answer(request) if callable(answer) else answer


def free_port():
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
