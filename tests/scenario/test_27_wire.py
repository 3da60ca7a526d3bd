# SPDX-License-Identifier: ISC
"""What goes over the wire: HTTP/2 and TLS with a real server, who we say we
are, proxies and credentials."""
import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from certificates import make_authority, make_certificate
from disks import may_mount
from feed_server import Answer, FeedServer, Server, free_port
from harness import rss, rss_item, stays_true, wait_until

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

NGINX = """
daemon off; master_process off; worker_processes 1;
pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    log_format all escape=json '{{"protocol":"$server_protocol",'
        '"tls":"$ssl_protocol","resumed":"$ssl_session_reused",'
        '"method":"$request_method","uri":"$request_uri","status":"$status",'
        '"encoding":"$http_accept_encoding","cookie":"$http_cookie",'
        '"referer":"$http_referer","agent":"$http_user_agent",'
        '"connection":"$connection"}}';
    access_log {folder}/access.log all;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
    fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4;
    scgi_temp_path {folder}/t5;
    ssl_certificate {folder}/server.crt;
    ssl_certificate_key {folder}/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    default_type application/rss+xml;
    gzip on; gzip_min_length 1; gzip_types *;
    server {{
        listen 127.0.0.1:{port} ssl {http2};
        {more}
        add_header Set-Cookie "who=you; Path=/";
        location = /old {{ return 302 /rss; }}
        location / {{ root {folder}/www; }}
    }}
}}
"""


class Nginx:
    def __init__(self, folder, http2="http2", more=""):
        self.folder = folder
        self.port = free_port()
        (folder / "www").mkdir()
        make_authority(folder)
        make_certificate(folder, "server", "DNS:localhost")
        (folder / "nginx.conf").write_text(NGINX.format(
            folder=folder, port=self.port, http2=http2, more=more))
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", str(folder), "-c",
             str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
        wait_until(self.listens, "nginx to listen")

    def listens(self):
        assert self.process.poll() is None, \
            (self.folder / "error.log").read_text()
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self, path, host="localhost"):
        return f"https://{host}:{self.port}{path}"

    def put(self, name, text):
        """Whole or not at all: the daemon asks every second."""
        (self.folder / "new").write_text(text)
        os.replace(self.folder / "new", self.folder / "www" / name)

    def requests(self):
        lines = (self.folder / "access.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


@pytest.fixture
def nginx(tmp_path):
    if not os.path.exists("/usr/sbin/nginx") or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed")
    if not may_mount() or not os.path.exists(BUNDLE):
        pytest.skip("no bundle of certificates may be mounted here")
    made = []

    def make(**how):
        folder = tmp_path / "nginx"
        folder.mkdir()
        made.append(Nginx(folder, **how))
        return made[0]

    yield make
    for one in made:
        one.stop()


def config(url, receiver, **feed):
    return {"feeds": [{"url": url, "every": "1s", **feed}],
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def trusting(one, server):
    """The daemon sees the server's authority in place of all others."""
    one.wrapper = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                   f'mount --bind "$0" {BUNDLE} && exec "$@"',
                   str(server.folder / "ca.crt")]
    return one


def test_http2(daemon, nginx, receiver):
    """a feed is read over HTTP/2 on one connection, by GET alone, with gzip,
    br and zstd offered, without cookies and referrers"""
    server = nginx()
    server.put("rss", rss(rss_item("a", "Peace one")))
    one = trusting(daemon(config(server.url("/old"), receiver),
                          start=False), server)
    one.start()
    wait_until(receiver.messages, "the alert")
    server.put("rss", rss(rss_item("b", "Peace two"),
                          rss_item("a", "Peace one")))
    wait_until(lambda: len(receiver.messages()) == 2, "the second alert")
    wait_until(lambda: "304" in {r["status"] for r in server.requests()},
               "a conditional request")
    one.stop()
    requests = server.requests()
    assert {r["protocol"] for r in requests} == {"HTTP/2.0"}
    assert {r["tls"] for r in requests} == {"TLSv1.3"}
    assert {r["method"] for r in requests} == {"GET"}
    assert {r["uri"] for r in requests} == {"/old", "/rss"}
    assert {r["cookie"] + r["referer"] for r in requests} == {""}
    assert len({r["connection"] for r in requests}) == 1
    for request in requests:
        assert re.match(r"headlined/[0-9.]+", request["agent"])
        offered = {e.strip() for e in request["encoding"].split(",")}
        assert {"gzip", "br", "zstd"} <= offered


@pytest.mark.parametrize("version,http2", [
    ("TLSv1.2", ""), ("TLSv1.3", ""), ("TLSv1.2", "http2"),
    ("TLSv1.3", "http2")])
def test_resumed(daemon, nginx, receiver, version, http2):
    """where the server closes each connection, the TLS session goes on"""
    server = nginx(http2=http2, more="keepalive_timeout 0; "
                   f"ssl_protocols {version}; "
                   "ssl_session_cache shared:all:1m;")
    server.put("rss", rss(rss_item("a", "Peace one")))
    one = trusting(daemon(config(server.url("/rss"), receiver),
                          start=False), server)
    one.start()
    wait_until(lambda: len(server.requests()) >= 4, "four requests")
    one.stop()
    requests = server.requests()
    assert len({r["connection"] for r in requests}) == len(requests)
    assert {r["tls"] for r in requests} == {version}
    resumed = "".join(r["resumed"] for r in requests)
    if (version, http2) == ("TLSv1.2", "http2"):
        assert resumed.startswith(".r"), resumed    # see base/http_tls.c
    else:
        assert resumed == "." + "r" * (len(requests) - 1)


def test_untrusted(daemon, nginx, receiver):
    """a certificate that nobody vouches for, or one for another host, is an
    error with its cause, and nothing is asked"""
    server = nginx()
    server.put("rss", rss(rss_item("a", "Peace one")))
    strange = server.url("/rss")
    one = daemon(config(strange, receiver))
    said = wait_until(lambda: one.trouble(strange), "trouble")
    assert "certificate" in said["message"], said
    one.stop()
    other = server.url("/rss", "127.0.0.1")
    one.configure(config(other, receiver))
    trusting(one, server).start()
    said = wait_until(lambda: one.trouble(other), "trouble")
    assert "another host" in said["message"], said
    one.stop()
    assert server.requests() == []


def test_proxy_and_credentials(daemon, feeds, receiver, tmp_path):
    """a feed's own proxy and credentials are used, the environment's are not,
    and a reload changes both"""
    far = "http://far.example/rss"
    feeds.set(far, rss(rss_item("a", "Peace one")))
    near = feeds.set("/near", rss(rss_item("n", "Peace near")))
    secret = tmp_path / "one"
    secret.write_text("me:se:cret\n")
    secret.chmod(0o600)
    proxy = f"http://127.0.0.1:{feeds.port}"
    settings = config(far, receiver, proxy=proxy, credentials_file="one")
    settings["feeds"].append({"url": near, "every": "1s"})
    one = daemon(settings, start=False)
    one.env = {"http_proxy": "http://127.0.0.1:1",
               "ALL_PROXY": "http://127.0.0.1:1", "no_proxy": "far.example"}
    one.start()
    wait_until(lambda: len(receiver.messages()) == 2, "both alerts")

    def sent(path):
        return feeds.requests_of(path)[-1].headers.get("authorization")

    def basic(text):
        return "Basic " + base64.b64encode(text.encode()).decode()

    assert sent(far) == basic("me:se:cret")
    assert sent("/near") is None
    assert "proxy-authorization" not in feeds.requests_of(far)[-1].headers
    secret.write_text("you:other\n")
    settings["feeds"][0]["proxy"] = f"http://p:q@127.0.0.1:{feeds.port}"
    one.configure(settings)
    one.process.send_signal(signal.SIGHUP)
    wait_until(lambda: sent(far) == basic("you:other"), "the reload")
    assert feeds.requests_of(far)[-1].headers["proxy-authorization"] == \
        basic("p:q")
    assert "cret" not in one.log() and "other" not in one.log()


def test_credentials_stay(daemon, feeds, other_feeds, receiver, tmp_path):
    """credentials are for the feed's own server: a redirect to another one
    does not take them along"""
    other_feeds.set("/rss", rss(rss_item("a", "Peace one")))
    feeds.set("/old", Answer("", 302, {
        "Location": f"http://127.0.0.1:{other_feeds.port}/rss"}))
    feeds.set("/rss", Answer("", 302, {"Location": "/old"}))
    secret = tmp_path / "one"
    secret.write_text("me:secret\n")
    secret.chmod(0o600)
    one = daemon(config(feeds.url("/rss"), receiver,
                        credentials_file="one"))
    said = wait_until(lambda: one.trouble(feeds.url("/rss")), "trouble")
    # The other port of this machine is private, and nobody wrote it down.
    assert "not public" in said["message"], said
    assert other_feeds.requests == []
    for path in ("/rss", "/old"):
        assert "authorization" in feeds.requests_of(path)[0].headers


class NextDoor(Server):
    """A host on another numeric address of this machine."""

    def __init__(self):
        super().__init__("127.0.0.2")

    def find_answer(self, request):
        return Answer(rss(rss_item("n", "Peace next door")))


def test_one_address(daemon, receiver):
    """of many hosts on one address no more than eight are asked at once; the
    others wait, which is no failure, and holds up no other address"""
    servers = [FeedServer() for _ in range(12)]
    other = NextDoor()
    gates = [s.gate() for s in servers]
    urls = [s.set("/rss", Answer([g, rss(rss_item(f"i{n}", f"Peace {n}"))]))
            for n, (s, g) in enumerate(zip(servers, gates))]
    settings = config(other.url("/rss"), receiver)
    settings["feeds"] += [{"url": u, "every": "1h"} for u in urls]
    settings["poll"] = {"per_host": 2}

    def asked():
        return sum(len(s.requests) for s in servers)

    try:
        one = daemon(settings)
        wait_until(lambda: asked() == 8, "eight requests")
        # The other address is asked again meanwhile, the ninth host not.
        seen = len(other.requests)
        stays_true(lambda: asked() == 8, "eight at once",
                   lambda: len(other.requests) > seen)
        assert one.status()["feeds"]["failing"] == 0
        for gate in gates:
            gate.open()
        wait_until(lambda: len(receiver.messages()) == 13, "all alerts")
        assert asked() == 12
        one.stop()
    finally:
        for server in [*servers, other]:
            server.close()
