# SPDX-License-Identifier: ISC
"""What scenarios share: the programs, a real daemon in a folder of its own,
feeds as text, and the one place that waits."""
import contextlib
import glob
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
from xml.sax.saxutils import escape

import pytest

HEADLINED = os.environ.get("HEADLINED", "headlined")
HEADLINECTL = os.environ.get("HEADLINECTL", "headlinectl")
SANITIZED = os.environ.get("HEADLINED_SANITIZED", "no") != "no"
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
TOOLS = os.environ.get("HEADLINED_TOOLS", "")
TREE = pathlib.Path(__file__).resolve().parent.parent.parent
EXAMPLES = str(TREE / "examples")
SHIPPED = TREE / "filters" / "packs" / "geopolitics.yaml"

# A loaded machine is slow, with a sanitizer and without; a test that passes
# never waits as long.
PATIENCE_S = 60
REPORT = re.compile(r"(\w+Sanitizer|runtime error:)")


def wait_until(condition, what, seconds=PATIENCE_S, step=0.005):
    """Asks `condition` each `step` s until what it gives is true, and gives
    that back. The only place in the scenarios that sleeps."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(step)


def stays_true(condition, what, until):
    """`condition` holds all the while, up to the moment `until` is true."""
    def check():
        assert condition(), what
        return until()
    wait_until(check, f"the end of: {what}")


def run(program, *args, stdin=None, env=None, cwd=None):
    """A program's end: .returncode, .stdout, .stderr as text."""
    done = subprocess.run([program, *map(str, args)], input=stdin,
                          capture_output=True, text=True, cwd=cwd,
                          timeout=PATIENCE_S, check=False,
                          env={**os.environ, **(env or {})})
    assert not REPORT.search(done.stderr), done.stderr
    return done


def headlined(*args, **how):
    return run(HEADLINED, *args, **how)


def headlinectl(*args, **how):
    return run(HEADLINECTL, *args, **how)


# What stands in tests/tools

def tool(name):
    """The path of a program or library made for the tests."""
    path = os.path.join(TOOLS, name)
    if not os.path.exists(path):
        pytest.skip(f"{name} is not built here (HEADLINED_TOOLS)")
    return path


def preload(*names):
    """What the environment must say for the daemon to load these libraries,
    ours or one with its path. A sanitizer wants to be asked first."""
    return {"LD_PRELOAD": ":".join(n if os.path.isabs(n) else tool(n)
                                   for n in names),
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") +
                            ":verify_asan_link_order=0"}


FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


class Wall:
    """A wall clock that can be set: env is what the daemon needs to see it,
    set("+1d") what it is ahead by. Kept in a file of this path."""

    def __init__(self, path):
        self.path = path
        self.env = {**preload(FAKETIME[0]), "FAKETIME_TIMESTAMP_FILE": path,
                    "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set(self, offset):
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(offset + "\n")
        os.rename(self.path + ".new", self.path)


# Feeds as text

def rss_item(name, title, text="", date=None):
    """One <item>; `name` makes its guid and its link."""
    stamp = f"<pubDate>{date}</pubDate>" if date else ""
    return (f"<item><title>{escape(title)}</title>"
            f"<link>https://news.example.com/{name}</link>"
            f"<guid isPermaLink=\"false\">{name}</guid>{stamp}"
            f"<description>{escape(text)}</description></item>\n")


RSS_HEAD = ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0">'
            "<channel><title>Example News</title>"
            "<link>https://news.example.com/</link>"
            "<description>made for a test</description>"
            "<language>en</language>\n")
RSS_TAIL = "</channel></rss>\n"


def rss(*items):
    return RSS_HEAD + "".join(items) + RSS_TAIL


# The daemon

class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, as `curl --unix-socket` does it."""

    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def each_item(topic):
    """Tests give many feeds the same few words: unless one says otherwise, a
    topic alerts of copies too."""
    return {"alert_per": "item", **topic} if isinstance(topic, dict) else topic


class Daemon:
    """One headlined in a folder: its configuration, store and socket stand
    there and outlive a restart. JSON is YAML: that is how it is written."""

    def __init__(self, folder, config):
        self.folder = str(folder)
        self.config = os.path.join(self.folder, "headlined.yaml")
        self.store = os.path.join(self.folder, "headlined.db")
        self.socket = os.path.join(self.folder, "control.sock")
        self.process = None
        self.starts = 0
        self.wrapper = []
        self.arguments = []
        self.env = {}
        self.configure(config)

    def configure(self, config):
        """Takes a configuration, completed with what every test needs. Only a
        test that says so (sinks: syslog: {}) writes to the syslog daemon or
        the journal of the machine."""
        whole = {"instance": "desk-1",
                 "store": {"path": self.store},
                 "control": {"socket": self.socket}, **config}
        whole["sinks"] = {
            "syslog": {"socket": os.path.join(self.folder, "no-syslog")},
            **config.get("sinks", {})}
        whole["poll"] = {"min": "1s", "first": "all", "host_gap": "0s",
                         "per_host": 32, **config.get("poll", {})}
        if "topics" in config:
            whole["topics"] = {name: each_item(topic) for name, topic in
                               config["topics"].items()}
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(whole, file, indent=2)

    def path(self, name):
        return os.path.join(self.folder, f"{name}.{self.starts}")

    def start(self, wait=True):
        self.starts += 1
        with open(self.path("stdout"), "wb") as out, \
                open(self.path("stderr"), "wb") as err:
            self.process = subprocess.Popen(
                [*self.wrapper, HEADLINED, "-c", self.config,
                 *self.arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env={**os.environ, **self.env})
        if wait:
            wait_until(self.is_ready, "the daemon to be ready")
        return self

    def is_ready(self):
        assert self.process.poll() is None, \
            f"headlined ended with {self.process.returncode}: {self.log()}"
        return re.search(r"^<\d>ready ", self.log(), re.M)

    def log(self):
        return self.read("stderr")

    def output(self):
        return self.read("stdout")

    def read(self, name):
        with open(self.path(name), encoding="utf-8",
                  errors="replace") as file:
            return file.read()

    def events(self, name):
        """The log's lines of this event."""
        return re.findall(rf"^<\d>{name} .*$", self.log(), re.M)

    def get(self, path):
        """(status code, body) of a GET on the control socket."""
        connection = UnixConnection(self.socket)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def connect(self):
        """A connection to the control socket that says nothing."""
        made = socket.socket(socket.AF_UNIX)
        made.connect(self.socket)
        return made

    def status(self):
        code, body = self.get("/status")
        assert code == 200, body
        return json.loads(body)

    def sink(self, name):
        return next(s for s in self.status()["sinks"] if s["name"] == name)

    def trouble(self, url):
        """What status says of a feed in trouble, or None."""
        return next((t for t in self.status()["trouble"]
                     if t["url"] == url), None)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=PATIENCE_S):
        """Its exit status, once it has ended; no sanitizer has spoken."""
        self.process.wait(seconds)
        assert not REPORT.search(self.log()), self.log()
        return self.process.returncode

    def stop(self):
        """SIGTERM ends it with 0, whatever it was doing."""
        self.terminate()
        assert self.wait() == 0, self.log()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_running(self):
        return self.process is not None and self.process.poll() is None
