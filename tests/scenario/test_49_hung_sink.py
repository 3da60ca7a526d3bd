# SPDX-License-Identifier: ISC
"""One sink hangs: the others get every alert meanwhile."""
import contextlib
import socket

import pytest

from feed_server import Answer
from harness import RSS_HEAD, RSS_TAIL, rss_item, wait_until
from local_sockets import DatagramSocket

# More than a sink's rows that are read from the store at a time.
ALERTS = 120


class HungEndpoint:
    """Accepts connections, reads what is sent, never answers."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/in"
        self.tries = []         # (connection, what it sent)

    def look(self):
        """Takes what has come; how many requests that is by now."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.tries.append((self.listener.accept()[0], bytearray()))
        for connection, sent in self.tries:
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                data = connection.recv(65536)
                assert data, "its client gave up"
                sent += data
        return sum(b"\r\n\r\n" in sent for _, sent in self.tries)

    def close(self):
        for connection, _ in self.tries:
            connection.close()
        self.listener.close()


@pytest.fixture
def hung():
    one = HungEndpoint()
    yield one
    one.close()


@pytest.fixture
def log(tmp_path):
    one = DatagramSocket(tmp_path / "log")
    yield one
    one.close()


def alert_lines(log):
    return [x for x in log.received if " alert topic=" in x]


def config(url, receiver, hung, log, parallel):
    return {"feeds": [url],
            "topics": {"t": {"match": "peace", "notify": [
                "hung", "desk", "bell", "syslog", "terminal"]}},
            "sinks": {"hung": {"webhook": hung.url, "parallel": parallel},
                      "desk": {"webhook": receiver.url("/desk")},
                      "bell": {"webhook": receiver.url("/bell")},
                      "syslog": {"socket": log.path}}}


@pytest.mark.parametrize("parallel", (1, 8))
def test_others_get_all(daemon, feeds, receiver, hung, log, parallel):
    """while the first requests to a sink that hangs are still open, every
    other sink gets all alerts, those raised before and those since"""
    gate = feeds.gate()
    titles = [f"Peace {n}" for n in range(ALERTS)]
    items = [rss_item(str(n), title) for n, title in enumerate(titles)]
    url = feeds.set("/rss", Answer([RSS_HEAD, *items[:parallel], gate,
                                    *items[parallel:], RSS_TAIL]))
    one = daemon(config(url, receiver, hung, log, parallel))
    wait_until(lambda: hung.look() == parallel, "all that may hang at once")
    gate.open()
    wait_until(lambda: len(receiver.messages()) == 2 * ALERTS,
               "all at the other webhooks")
    wait_until(lambda: len(alert_lines(log)) == ALERTS, "all in the log")
    wait_until(lambda: titles[-1] in one.output(), "all at the terminal")
    # Nobody was told anything yet, and nobody has given up.
    assert hung.look() == len(hung.tries) == parallel
    assert not one.events("sink_fails")
    for path in ("/desk", "/bell"):
        assert [r.path for r in receiver.messages()].count(path) == ALERTS
    assert [x.split('title="')[1].split('"')[0]
            for x in alert_lines(log)] == titles
    assert one.sink("hung")["sent"] == 0
    assert one.sink("hung")["waiting"] == ALERTS
