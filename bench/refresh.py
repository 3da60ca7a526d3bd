#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Refreshes the same feeds with headlined and with other feed readers.

A local nginx serves 1,000 feeds of twenty items. Each reader refreshes them
cold (everything is new to it) and warm (nothing has changed since, nginx says
304), with what makes it cheapest: no mail is sent and nothing is put out. What
counts is the CPU time, user and system, of all its processes from their start
to their end; headlined is started and stopped for each refresh as well, and its
store is on the disk afterwards.

    bench refresh-cold S cpu-s ratio=R of=PEER     R: the best peer's by ours
    bench refresh-warm S cpu-s ratio=R of=PEER

A refresh counts only if nginx saw all its requests, and only such answers as it
should give: 200 to each feed when cold, 304 to each when warm. A peer that does
not manage that is named and left out.

usage: refresh.py --headlined PROGRAM --scratch FOLDER [--quick]
"""
import argparse
import ctypes
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

FEEDS, QUICK_FEEDS, ITEMS = 1000, 200, 20
ADDRESSES = 100             # 127.0.0.1 and those behind it
EVERY_S = 20                # headlined asks no feed twice in a refresh
LIMIT_S = 900               # no refresh takes longer
COLD_TARGET, WARM_TARGET = 40, 12
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)


class Failed(Exception):
    """A refresh that shows nothing."""


def die_with_us():
    """In a child: no process outlives this one."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Nginx:
    """The server. Its access log is what a refresh is judged by."""

    def __init__(self, folder, n_feeds):
        self.folder, self.n_feeds = folder, n_feeds
        self.log = os.path.join(folder, "access.log")
        self.port = free_port()
        self.read_to = 0
        self.process = None

    def url(self, feed):
        return (f"http://127.0.0.{1 + feed % ADDRESSES}:{self.port}"
                f"/news-{feed}.xml")

    def write_feeds(self):
        root = os.path.join(self.folder, "root")
        os.mkdir(root)
        # Workers of a root's nginx are somebody else.
        os.chmod(root, 0o755)
        words = random.Random(20)
        for feed in range(self.n_feeds):
            path = os.path.join(root, f"news-{feed}.xml")
            with open(path, "w", encoding="utf-8") as out:
                out.write(make_feed(feed, words))
            os.utime(path, (1772438400, 1772438400))

    def mean_kb(self):
        root = os.path.join(self.folder, "root")
        return sum(entry.stat().st_size
                   for entry in os.scandir(root)) / 1000 / self.n_feeds

    def start(self):
        listens = "".join(f"listen 127.0.0.{1 + i}:{self.port};"
                          for i in range(ADDRESSES))
        conf = os.path.join(self.folder, "nginx.conf")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f"""daemon off; master_process off;
pid {self.folder}/nginx.pid; error_log {self.folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  types {{ application/rss+xml xml; }}
  log_format brief '$status $uri';
  access_log {self.log} brief;
  client_body_temp_path {self.folder}/t1; proxy_temp_path {self.folder}/t2;
  fastcgi_temp_path {self.folder}/t3; uwsgi_temp_path {self.folder}/t4;
  scgi_temp_path {self.folder}/t5;
  server {{ {listens} root {self.folder}/root; }}
}}
""")
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-c", conf, "-e",
             f"{self.folder}/error.log", "-p", self.folder],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_us)
        until(lambda: can_connect(self.port), self.process, 10, "nginx")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def new_lines(self):
        """Statuses and paths of the requests since the last forget."""
        with open(self.log, encoding="utf-8") as log:
            log.seek(self.read_to)
            return [line.split() for line in log if line.endswith("\n")]

    def forget(self):
        self.read_to = os.path.getsize(self.log)

    def asked(self, status):
        """How many different feeds were answered so."""
        return len({path for code, path in self.new_lines()
                    if code == status})

    def check(self, status):
        """All were answered so, once, and nothing else was asked."""
        lines = self.new_lines()
        if self.asked(status) != self.n_feeds:
            raise Failed(f"{self.asked(status)} of {self.n_feeds} feeds were "
                         f"answered {status}")
        if len(lines) > self.n_feeds:
            say(f"{len(lines)} requests for {self.n_feeds} feeds")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def can_connect(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(condition, process, limit_s, what):
    end = time.monotonic() + limit_s
    while not condition():
        if process.poll() is not None:
            raise Failed(f"{what} ended with status {process.returncode}")
        if time.monotonic() > end:
            raise Failed(f"{what}: nothing in {limit_s} s")
        time.sleep(0.02)


VOCABULARY = """parliament minister talks border trade agreement
market election court ruling police storm harvest port summit budget
hospital strike rail energy prices central bank forecast growth drought vote
coalition treaty ceasefire envoy inspectors shipment customs inquiry""".split()


def make_feed(feed, words):
    def text(n):
        return " ".join(words.choice(VOCABULARY) for _ in range(n))

    # Half of the feeds carry whole texts beside the summaries.
    def body():
        if feed % 2 == 0:
            return ""
        return ("<content:encoded><![CDATA[" + "".join(
            f"<p>{text(40).capitalize()} <a href=\"http://www.example.com/"
            f"{n}\">{text(3)}</a> {text(40)}.</p>" for n in range(4)) +
                "]]></content:encoded>")

    items = "".join(
        f"<item><title>{text(8).capitalize()}</title>"
        f"<link>http://www.example.com/{feed}/{i}.html</link>"
        f"<guid isPermaLink=\"false\">{feed}-{i}</guid>"
        f"<pubDate>Mon, 02 Mar 2026 {i:02}:00:00 GMT</pubDate>"
        f"<description>{text(40).capitalize()}.</description>{body()}</item>\n"
        for i in range(ITEMS))
    return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<rss version=\"2.0\" "
            "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">"
            "<channel>"
            f"<title>News {feed}</title><link>http://www.example.com/</link>"
            f"<description>{text(6)}</description>\n{items}"
            "</channel></rss>\n")


def cpu_of_end(process, limit_s):
    """Waits for its end: CPU seconds of it and of all that it waited for."""
    end = time.monotonic() + limit_s
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        if time.monotonic() > end:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Failed(f"not done in {limit_s} s")
        time.sleep(0.02)


def start_in(folder, argv):
    """A reader whose home is the folder."""
    env = {"HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder,
           "XDG_CACHE_HOME": folder, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
           "LANG": "C.UTF-8", "EMAIL": "reader@example.com"}
    log = open(os.path.join(folder, "output.log"), "ab")
    with log:
        return subprocess.Popen(
            argv, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=folder, start_new_session=True, preexec_fn=die_with_us)


class Reader:
    """A program that refreshes once and ends."""
    name, argv = "", []
    learns_late = False         # validators are kept from the second time on

    def __init__(self, folder, nginx):
        self.folder, self.nginx = os.path.join(folder, self.name), nginx
        os.mkdir(self.folder)
        self.prepare([nginx.url(i) for i in range(nginx.n_feeds)])

    def prepare(self, urls):
        raise NotImplementedError

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w",
                  encoding="utf-8") as out:
            out.write(text)

    def refresh(self, status):
        """CPU seconds."""
        self.nginx.forget()
        cpu_s = cpu_of_end(start_in(self.folder, self.argv), LIMIT_S)
        self.nginx.check(status)
        return cpu_s


class Newsboat(Reader):
    name = "newsboat"
    learns_late = True          # its issue 2734
    argv = ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config",
            "-x", "reload"]

    def prepare(self, urls):
        self.write("urls", "".join(url + "\n" for url in urls))
        # Threads cost it little and save it time, not CPU. What it would
        # clean up at its end is nothing, and looking for it costs.
        self.write("config", "reload-threads 2\ndownload-retries 1\n"
                   "cleanup-on-quit no\n")


class Rss2email(Reader):
    name = "rss2email"
    argv = ["r2e", "-c", "r2e.cfg", "-d", "r2e.json", "run", "--no-send"]

    def prepare(self, urls):
        # As it is, without a conversion of HTML to text.
        self.write("r2e.cfg", "[DEFAULT]\nto = reader@example.com\n"
                   "html-mail = True\n\n" + "".join(
                       f"[feed.f{i}]\nurl = {url}\n\n"
                       for i, url in enumerate(urls)))


class Feed2exec(Reader):
    name = "feed2exec"
    # Without --parallel: handing feeds to other processes costs it CPU.
    argv = ["feed2exec", "--quiet", "--config", "f2e.ini", "--database",
            "f2e.db", "fetch"]

    def prepare(self, urls):
        self.write("f2e.ini", "".join(
            f"[f{i}]\nurl = {url}\noutput = feed2exec.plugins.null\n\n"
            for i, url in enumerate(urls)))


class Headlined(Reader):
    """A daemon: it is told to end when the last feed was answered."""
    name = "headlined"

    def __init__(self, folder, nginx, program):
        self.program, self.last = program, 0.0
        super().__init__(folder, nginx)

    def prepare(self, urls):
        self.argv = [self.program, "-c", "conf.yaml"]
        self.write("conf.yaml", f"""topics: {{sanctions: [sanctions, embargo]}}
poll: {{per_host: 100, host_gap: 0s, first: none}}
store: {{path: {self.folder}/store.db}}
control: {{socket: {self.folder}/control.sock}}
feeds:
""" + "".join(f"  - {{url: \"{url}\", every: {EVERY_S}s}}\n" for url in urls))

    def forget_all(self):
        for name in os.listdir(self.folder):
            if name.startswith("store.db"):
                os.remove(os.path.join(self.folder, name))

    def refresh(self, status):
        # All are due again, a rounded second later and one for the clock.
        while time.monotonic() < self.last:
            time.sleep(0.05)
        self.nginx.forget()
        process = start_in(self.folder, self.argv)
        try:
            until(lambda: self.nginx.asked(status) >= self.nginx.n_feeds,
                  process, LIMIT_S, self.name)
        finally:
            process.send_signal(signal.SIGTERM)
            cpu_s = cpu_of_end(process, 60)
        self.last = time.monotonic() + EVERY_S + 2
        self.nginx.check(status)
        self.check_store(status)
        return cpu_s

    def check_store(self, status):
        """What was read has been written, before it ended."""
        with sqlite3.connect(os.path.join(self.folder, "store.db")) as db:
            good, items = db.execute(
                "SELECT count(*), sum(items_total) FROM feed "
                "WHERE status = ?", (int(status),)).fetchone()
        n = self.nginx.n_feeds
        if good != n or items != n * ITEMS:
            raise Failed(f"{good} of {n} feeds and {items} of {n * ITEMS} "
                         "items stand in the store")


def median(values):
    return sorted(values)[len(values) // 2]


def measure_ours(reader, rounds):
    cold, warm = [], []
    for _ in range(rounds):
        reader.forget_all()
        reader.last = 0
        cold.append(reader.refresh("200"))
        warm.append(reader.refresh("304"))
    say(f"headlined: cold {min(cold):.3f} to {max(cold):.3f} CPU s, warm "
        f"{min(warm):.3f} to {max(warm):.3f}, {rounds} rounds")
    return median(cold), median(warm)


def measure_peer(kind, folder, nginx):
    """Cold and warm CPU seconds, or None."""
    if shutil.which(kind.argv[0], path="/usr/bin") is None:
        say(f"{kind.name}: left out, not installed (make bench-peers)")
        return None
    try:
        reader = kind(folder, nginx)
        cold = reader.refresh("200")
        if kind.learns_late:
            reader.refresh("200")
        warm = reader.refresh("304")
    except Failed as why:
        say(f"{kind.name}: left out: {why}")
        return None
    say(f"{kind.name}: cold {cold:.2f} CPU s, warm {warm:.2f}")
    return cold, warm


def report(name, ours, theirs, target):
    """theirs: (CPU seconds, name) of each peer."""
    best, of = min(theirs)
    print(f"bench {name} {ours:.3f} cpu-s ratio={best / ours:.3f} of={of}",
          flush=True)
    met = "met" if best / ours >= target else "MISSED"
    say(f"{name}: wanted {target:.2f}: {met}")


def run(options):
    n_feeds = QUICK_FEEDS if options.quick else FEEDS
    nginx = Nginx(options.scratch, n_feeds)
    try:
        nginx.write_feeds()
        nginx.start()
        ours = measure_ours(
            Headlined(options.scratch, nginx, options.headlined),
            1 if options.quick else 3)
        peers = [(kind.name, measure_peer(kind, options.scratch, nginx))
                 for kind in (Newsboat, Rss2email, Feed2exec)]
    finally:
        nginx.stop()
    peers = [(name, cpu) for name, cpu in peers if cpu is not None]
    if not peers:
        raise Failed("no peer could be measured")
    say(f"refresh: {n_feeds} feeds of {ITEMS} items, {nginx.mean_kb():.0f} KB "
        "each")
    report("refresh-cold", ours[0], [(cpu[0], name) for name, cpu in peers],
           COLD_TARGET)
    report("refresh-warm", ours[1], [(cpu[1], name) for name, cpu in peers],
           WARM_TARGET)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headlined", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.headlined = os.path.abspath(options.headlined)
    options.scratch = os.path.abspath(options.scratch)
    # bench/run ends its row with SIGTERM: clean up then as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    die_with_us()
    if not os.access("/usr/sbin/nginx", os.X_OK):
        say("refresh: left out, no nginx (make bench-peers)")
        return 0
    try:
        run(options)
    except (Failed, OSError) as why:
        say(f"refresh: could not be measured: {why}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
