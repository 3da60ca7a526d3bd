# SPDX-License-Identifier: ISC
"""Alerts to a syslog server elsewhere, a real rsyslogd: over UDP, TCP and
TLS, and while it is stopped, killed and started again."""
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from certificates import make_authority, make_certificate
from feed_server import free_port
from harness import EXAMPLES, headlined, rss, rss_item, wait_until
from test_08_syslog import RSYSLOGD, TITLE

HAS_TLS = bool(shutil.which("openssl")) and any(
    os.path.exists(os.path.join(folder, "rsyslog", "lmnsd_gtls.so"))
    for folder in ("/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu",
                   "/usr/lib/aarch64-linux-gnu"))
ALERTS = 600

pytestmark = pytest.mark.skipif(RSYSLOGD is None,
                                reason="rsyslogd is not installed")
needs_tls = pytest.mark.skipif(
    not HAS_TLS, reason="openssl or rsyslog-gnutls is not installed")

HEAD = """\
global(workDirectory="{folder}"
  DefaultNetstreamDriverCAFile="{folder}/ca.crt"
  DefaultNetstreamDriverCertFile="{folder}/server.crt"
  DefaultNetstreamDriverKeyFile="{folder}/server.key")
"""
TAIL = """\
template(name="whole" type="string" string=
  "%syslogfacility-text%.%syslogseverity-text% %app-name% %msgid% \
%structured-data% %msg%\\n")
if $app-name == "headlined" then
  action(type="omfile" file="{folder}/lines" template="whole")
"""
INPUTS = {
    "udp": """\
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{port}")
""",
    "tcp": """\
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="{port}")
""",
    "tls": """\
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1"
  StreamDriver.AuthMode="x509/certvalid")
input(type="imtcp" address="127.0.0.1" port="{port}")
""",
}


class Rsyslogd:
    """At one port for all its lives; what it got stands in a file."""

    def __init__(self, folder, transport):
        self.folder = folder
        self.transport = transport
        self.port = free_port()
        self.process = None
        text = TAIL
        if transport == "tls":
            make_authority(folder)
            make_certificate(folder, "server", "IP:127.0.0.1")
            make_certificate(folder, "client", "DNS:desk.example")
            text = HEAD + INPUTS["tls"] + TAIL
        else:
            text = INPUTS[transport] + TAIL
        self.rules = folder / "rsyslog.conf"
        self.rules.write_text(text.format(folder=folder, port=self.port))

    def start(self):
        self.process = subprocess.Popen(
            [RSYSLOGD, "-n", "-f", str(self.rules), "-i",
             str(self.folder / "rsyslog.pid")])
        wait_until(self.listens, "rsyslogd to listen")
        return self

    def listens(self):
        """UDP: the port is taken."""
        assert self.process.poll() is None
        kind = socket.SOCK_DGRAM if self.transport == "udp" else \
            socket.SOCK_STREAM
        with socket.socket(type=kind) as one:
            if self.transport == "udp":
                try:
                    one.bind(("127.0.0.1", self.port))
                except OSError:
                    return True
                return False
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
        self.process = None

    def lines(self):
        """Whole ones: the last may be under way."""
        path = self.folder / "lines"
        text = path.read_text() if path.exists() else ""
        return text.split("\n")[:-1]

    def settings(self):
        """What headlined has to know."""
        settings = {"remote": f"127.0.0.1:{self.port}",
                    "transport": self.transport}
        if self.transport == "tls":
            settings.update(ca_file=str(self.folder / "ca.crt"),
                            client_cert_file=str(self.folder / "client.crt"),
                            client_key_file=str(self.folder / "client.key"))
            (self.folder / "client.key").chmod(0o600)
        return settings


@pytest.fixture
def rsyslogd(tmp_path):
    made = []

    def make(transport):
        folder = tmp_path / "rsyslog"
        folder.mkdir()
        made.append(Rsyslogd(folder, transport))
        return made[-1]

    yield make
    for one in made:
        one.end(signal.SIGKILL)


def config(feeds, server, *items, **syslog):
    url = feeds.set("/rss", rss(*items))
    return {"feeds": [{"url": url, "every": "1s"}],
            "sinks": {"syslog": {**server.settings(), **syslog}},
            "topics": {"peace-talks": {"match": "peace",
                                       "severity": "warning",
                                       "notify": ["syslog"]}}}


TRANSPORTS = ["udp", "tcp", pytest.param("tls", marks=needs_tls)]
STREAMS = TRANSPORTS[1:]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_arrives(daemon, feeds, rsyslogd, transport):
    """an alert stands in the server's file, with its structured data"""
    server = rsyslogd(transport).start()
    one = daemon(config(feeds, server, rss_item("a", TITLE),
                        facility="local3"))
    wait_until(server.lines, "the line")
    line, = server.lines()
    assert line.startswith("local3.warning headlined alert [headlined@32473 ")
    data = dict(re.findall(r' (\w+)="([^"]*)"', line[:line.index("] ")]))
    assert data["topic"] == "peace-talks" and data["severity"] == "warning"
    assert data["url"] == "https://news.example.com/a"
    assert data["site"] == "127.0.0.1"
    assert data["feed"] == "Example News"
    rest = line[line.index("] ") + 2:]
    assert f"alert topic=peace-talks severity=warning id={data['id']} " in rest
    assert r'title="Peace \"now\"' in rest
    assert "\u202e" not in line
    wait_until(lambda: one.sink("syslog")["sent"] == 1, "the mark")


def titles_once(lines):
    """The titles' numbers in the order in which each came first. The same
    alert twice has the same id and the same line, and no other has."""
    by_id = {}
    for line in lines:
        found, = re.findall(r' id="(msg_[^"]+)"', line)
        assert by_id.setdefault(found, line) == line
    return [int(re.search(r'title="Peace (\d+)"', line)[1])
            for line in by_id.values()]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL],
                         ids=["stopped", "killed"])
@pytest.mark.parametrize("transport", STREAMS)
def test_restart(daemon, feeds, rsyslogd, transport, how):
    """a server that ends in the middle, and comes back, has every alert, in
    order, and repeats only under the same id"""
    server = rsyslogd(transport).start()
    one = daemon(config(feeds, server, *(rss_item(f"n-{n}", f"Peace {n}")
                                         for n in range(ALERTS))))
    wait_until(lambda: len(server.lines()) >= 20, "the first lines")
    server.end(how)
    wait_until(lambda: one.sink("syslog")["reason"], "the sink to notice")
    before = len(server.lines())
    assert 0 < before < ALERTS
    assert one.sink("syslog")["waiting"] > 0
    server.start()
    wait_until(lambda: len(set(titles_once(server.lines()))) == ALERTS,
               "all of them")
    assert titles_once(server.lines()) == list(range(ALERTS))
    assert len(server.lines()) - ALERTS <= 128
    wait_until(lambda: one.sink("syslog")["waiting"] == 0, "the marks")


def test_udp_restart(daemon, feeds, rsyslogd):
    """over UDP what a host refuses waits, and goes out in order and once when
    the server is back"""
    server = rsyslogd("udp").start()
    one = daemon(config(feeds, server, rss_item("n-0", "Peace 0")))
    wait_until(server.lines, "the first")
    wait_until(lambda: one.sink("syslog")["sent"] == 1, "the mark")
    server.end()
    feeds.set("/rss", rss(*(rss_item(f"n-{n}", f"Peace {n}")
                            for n in range(1, 20))))
    wait_until(lambda: one.sink("syslog")["waiting"] == 19, "the others")
    wait_until(lambda: one.sink("syslog")["reason"], "the sink to notice")
    server.start()
    wait_until(lambda: one.sink("syslog")["waiting"] == 0, "the rest")
    wait_until(lambda: len(server.lines()) == 20, "all of them")
    assert titles_once(server.lines()) == list(range(20))


@pytest.mark.parametrize("transport", STREAMS)
def test_idle_restart(daemon, feeds, rsyslogd, transport):
    """a connection that died while nothing was sent costs no alert"""
    server = rsyslogd(transport).start()
    one = daemon(config(feeds, server, rss_item("n-0", "Peace 0")))
    wait_until(lambda: one.sink("syslog")["sent"] == 1, "the first")
    server.end()
    server.start()
    feeds.set("/rss", rss(rss_item("n-1", "Peace 1")))
    wait_until(lambda: set(titles_once(server.lines())) == {0, 1}, "both")
    assert titles_once(server.lines()) == [0, 1]


@needs_tls
def test_wrong_authority(daemon, feeds, rsyslogd, tmp_path):
    """a server that somebody else vouches for gets nothing, and the sink says
    why"""
    other = tmp_path / "other"
    other.mkdir()
    make_authority(other)
    server = rsyslogd("tls").start()
    one = daemon(config(feeds, server, rss_item("a", TITLE),
                        ca_file=str(other / "ca.crt")))
    wait_until(lambda: "certificate" in (one.sink("syslog")["reason"] or ""),
               "the sink to say so")
    assert server.lines() == []
    assert one.sink("syslog")["waiting"] == 1


@needs_tls
def test_example(tmp_path):
    """the rules of the example are rsyslog's"""
    folder = tmp_path
    make_authority(folder)
    make_certificate(folder, "logs", "DNS:logs.example.org")
    with open(os.path.join(EXAMPLES, "rsyslog.conf"),
              encoding="utf-8") as file:
        text = file.read()
    for name, there in (("ca.pem", "ca.crt"), ("logs.pem", "logs.crt"),
                        ("logs.key", "logs.key")):
        text = text.replace(f"/etc/rsyslog.d/{name}", str(folder / there))
    rules = folder / "rules"
    rules.write_text(text)
    done = subprocess.run([RSYSLOGD, "-N1", "-f", str(rules)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr, done.stderr


def test_check(daemon):
    """--check tells that a file is no certificate"""
    one = daemon({"topics": {"a": "x"}, "sinks": {"syslog": {
        "remote": "logs.example.org", "transport": "tls",
        "ca_file": "headlined.yaml"}}}, start=False)
    done = headlined("-c", one.config, "--check")
    assert done.returncode == 2
    assert "no certificates of a CA in PEM" in done.stderr
