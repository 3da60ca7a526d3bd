# SPDX-License-Identifier: ISC
"""Webhooks at a receiver whose certificate a CA of one's own has signed, and
which wants to know who comes."""
import ssl

import pytest

from certificates import make_authority, make_certificate
from feed_server import Answer
from harness import rss, rss_item, wait_until
from webhook_receiver import WebhookReceiver


class TlsReceiver(WebhookReceiver):
    """Takes whom the authority in folder vouches for."""

    def __init__(self, folder):
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.crt", folder / "server.key")
        context.load_verify_locations(folder / "ca.crt")
        context.verify_mode = ssl.CERT_REQUIRED
        self.listener.socket = context.wrap_socket(self.listener.socket,
                                                   server_side=True)

    def url(self, path="/"):
        return super().url(path).replace("http:", "https:")


@pytest.fixture
def folder(tmp_path):
    make_authority(tmp_path)
    make_certificate(tmp_path, "server", "IP:127.0.0.1")
    make_certificate(tmp_path, "client", "DNS:desk.example")
    (tmp_path / "client.key").chmod(0o600)
    return tmp_path


@pytest.fixture
def tls_receiver(folder):
    receiver = TlsReceiver(folder)
    yield receiver
    receiver.close()


def test_each_sink_by_its_own_files(daemon, feeds, tls_receiver, folder):
    """Who trusts the CA and has a certificate is heard; who lacks one of the
    two is not, also while a connection of the first is open. What a sink
    lacks it says, and the alerts wait."""
    ca = {"ca_file": str(folder / "ca.crt")}
    us = {"client_cert_file": str(folder / "client.crt"),
          "client_key_file": str(folder / "client.key")}
    sinks = {"whole": {**ca, **us}, "trustless": us, "nameless": ca}
    items = [rss_item("a", "Peace one")]
    url = feeds.set("/rss", Answer(rss(*items)))
    one = daemon({
        "feeds": [{"url": url, "every": "1s"}],
        "sinks": {name: {"webhook": tls_receiver.url("/" + name), **files}
                  for name, files in sinks.items()},
        "topics": {"peace": {"match": "peace", "notify": list(sinks)}},
        "poll": {"first": "all", "min": "1s"}})

    def failed(name):
        return one.sink(name)["tries"] > 0

    wait_until(lambda: one.sink("whole")["sent"] == 1, "the one with both")
    wait_until(lambda: failed("trustless"), "the one without the CA to fail")
    wait_until(lambda: failed("nameless"), "the one without a name to fail")
    items.append(rss_item("b", "Peace two"))
    feeds.set("/rss", Answer(rss(*items)))
    wait_until(lambda: one.sink("whole")["sent"] == 2, "the second alert")
    assert tls_receiver.titles() == ["Peace one", "Peace two"]
    assert {r.path for r in tls_receiver.messages()} == {"/whole"}
    assert "certificate" in one.sink("trustless")["reason"]
    assert one.sink("nameless")["reason"]
    for name in ("trustless", "nameless"):
        assert one.sink(name)["sent"] == 0
        assert one.sink(name)["waiting"] == 2
    one.stop()
