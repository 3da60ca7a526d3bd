# SPDX-License-Identifier: ISC
"""Clocks that jump, descriptors that run out, sinks, disks and threads that
stand still."""
import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import time

import pytest

from disks import BadDisk
from feed_server import Answer
from harness import (PATIENCE_S, rss, rss_item, stays_true, tool,
                     wait_until)
from local_sockets import DatagramSocket, Manager

EVERY_S = 1
# Between the daemon's decision to ask and its request, on a loaded machine.
SLACK_S = 0.25


class Stream:
    """A feed to which items are added, and what came of them."""

    def __init__(self, feeds, receiver, path="/rss"):
        self.feeds = feeds
        self.receiver = receiver
        self.path = path
        self.items = []
        self.titles = []
        self.url = feeds.set(path, lambda r: Answer(
            rss(*self.items), headers={"Connection": "close"}))

    def config(self):
        return {"feeds": [{"url": self.url, "every": f"{EVERY_S}s"}],
                "topics": {"t": {"match": "peace", "notify": "desk"}},
                "sinks": {"desk": {"webhook": self.receiver.url("/in")}}}

    def add(self, n=1):
        for _ in range(n):
            title = f"Peace {len(self.titles)}"
            self.titles.append(title)
            self.items.append(rss_item(f"i{len(self.titles)}", title))

    def has_arrived(self):
        return set(self.receiver.titles()) >= set(self.titles)

    def assert_once(self):
        assert sorted(self.receiver.titles()) == sorted(self.titles)

    def assert_none_early(self):
        times = sorted(r.arrived for r in self.feeds.requests_of(self.path))
        gaps = [b - a for a, b in zip(times, times[1:])]
        assert min(gaps) > EVERY_S - SLACK_S, gaps


# Clocks

def test_clock_jumps(daemon, feeds, receiver, wall):
    """the wall clock jumps by a day, forth and back, while it runs: no poll
    is early or left out, no alert is lost or doubled"""
    stream = Stream(feeds, receiver)
    one = daemon(stream.config(), start=False)
    one.env = wall.env
    one.start()
    for offset in ("+0", "+1d", "-1d", "+0"):
        wall.set(offset)
        stream.add(2)
        wait_until(stream.has_arrived, f"what came at {offset}")
    stream.assert_once()
    stream.assert_none_early()


def run_between(daemon, feeds, receiver, wall, end, offsets):
    """One life at each offset; all must arrive once."""
    stream = Stream(feeds, receiver)
    one = daemon(stream.config(), start=False)
    one.env = wall.env
    for offset in offsets:
        wall.set(offset)
        one.start()
        stream.add(2)
        wait_until(stream.has_arrived, f"what came at {offset}")
        wait_until(lambda: one.sink("desk")["waiting"] == 0, "the marks")
        getattr(one, end)()
    stream.assert_once()
    return stream


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_clock_back_between(daemon, feeds, receiver, wall, end):
    """the wall clock is set back by a day between two starts: no feed falls
    silent, none is asked early"""
    run_between(daemon, feeds, receiver, wall, end,
                ["+1d", "+0", "-1d"]).assert_none_early()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_clock_forth_between(daemon, feeds, receiver, wall, end):
    """the wall clock is set forth by a day between two starts, which looks
    like a day's rest: all goes on"""
    run_between(daemon, feeds, receiver, wall, end, ["-1d", "+0", "+1d"])


def test_clock_back_and_retry(daemon, feeds, receiver, wall):
    """an alert that waits for its next try does not wait a day longer when
    the clock is set back before a restart"""
    receiver.script += [503]
    stream = Stream(feeds, receiver)
    stream.add()
    one = daemon(stream.config(), start=False)
    one.env = wall.env
    one.start()
    wait_until(lambda: one.sink("desk")["tries"] == 1, "the first try")
    one.stop()
    wall.set("-1d")
    one.start()
    wait_until(lambda: len(receiver.messages()) == 2, "the second try")
    wait_until(lambda: one.sink("desk")["sent"] == 1, "its mark")


def told(receiver, path):
    """Titles that came there, alone or in digests."""
    titles = []
    for request in receiver.requests_of(path):
        data = json.loads(request.body)["data"]
        titles += ([a["title"] for a in data["alerts"]] if "alerts" in data
                   else [data["item"]["title"]])
    return titles


def test_clock_jumps_and_rates(daemon, feeds, receiver, wall):
    """the wall clock jumps by a day, forth and back: no rate gives more than
    it has, and none stands still; nor does what is collected"""
    sinks = {"hourly": {"rate": "3/h"}, "steady": {"rate": "2/s"},
             "bundle": {"digest": "1s"}}
    stream = Stream(feeds, receiver)
    config = stream.config()
    config["topics"]["t"]["notify"] = list(sinks)
    config["sinks"] = {n: {"webhook": receiver.url("/" + n), **s}
                       for n, s in sinks.items()}
    one = daemon(config, start=False)
    one.env = wall.env
    one.start()
    for offset in ("+0", "+1d", "-1d", "+0"):
        wall.set(offset)
        stream.add(3)
        for sink in ("steady", "bundle"):
            wait_until(lambda: sorted(told(receiver, "/" + sink)) ==
                       sorted(stream.titles), f"{sink} at {offset}")
    assert 0 < len(receiver.requests_of("/hourly")) <= 3


# Descriptors

@contextlib.contextmanager
def descriptors(one, more):
    """The daemon may open so many more than it has now."""
    pid = one.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    top = max(map(int, os.listdir(f"/proc/{pid}/fd")))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (top + 1 + more,
                                                   before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def fill_holes(one, connections):
    """Connections to the control socket, until all numbers below the limit
    are taken too."""
    pid = one.process.pid
    limit = resource.prlimit(pid, resource.RLIMIT_NOFILE)[0]
    while len(os.listdir(f"/proc/{pid}/fd")) < limit:
        had = len(os.listdir(f"/proc/{pid}/fd"))
        connections.append(one.connect())
        wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) != had,
                   "the connection to be accepted")


@pytest.mark.short
def test_descriptors(daemon, feeds, receiver):
    """no descriptor is left: it says so, goes on when there are some, and
    nothing is lost"""
    stream = Stream(feeds, receiver)
    stream.add()
    one = daemon(stream.config())
    wait_until(stream.has_arrived, "the first alert")
    connections = []
    with descriptors(one, more=0):
        fill_holes(one, connections)
        stream.add(3)
        wait_until(lambda: "open files" in one.log() or
                   "descriptors" in one.log(), "a word about it")
        assert one.is_running()
    for connection in connections:
        connection.close()
    wait_until(stream.has_arrived, "what came meanwhile")
    wait_until(lambda: one.sink("desk")["waiting"] == 0, "the marks")
    stream.assert_once()


def errors(one):
    """Of the tries, as the store has them."""
    uri = f"file:{one.store}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
        return [e for e, in db.execute("SELECT error FROM outbox") if e]


def test_descriptors_of_a_sink(daemon, feeds, receiver):
    """no descriptor is left for a connection to a sink: the row says so, it
    waits, and arrives when there are some, under its id"""
    receiver.script += [Answer("", 503, {"Connection": "close"})]
    stream = Stream(feeds, receiver)
    stream.add()
    one = daemon(stream.config())
    wait_until(lambda: errors(one), "the first try")
    connections = []
    with descriptors(one, more=0):
        fill_holes(one, connections)
        wait_until(lambda: "open files" in errors(one)[0],
                   "a try without a descriptor")
        assert len(receiver.messages()) == 1
    for connection in connections:
        connection.close()
    wait_until(lambda: one.sink("desk")["sent"] == 1, "the alert")
    first, second = receiver.messages()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


# What stands still must hold up nothing else

@pytest.fixture
def syslog(tmp_path):
    server = DatagramSocket(tmp_path / "syslog")
    yield server
    server.close()


@pytest.mark.short
def test_hung_sink(daemon, feeds, receiver, syslog):
    """a webhook that accepts and never answers delays no line to syslog"""
    receiver.hang()
    stream = Stream(feeds, receiver)
    stream.add()
    config = stream.config()
    config["topics"]["t"]["notify"] = ["desk", "syslog"]
    config["sinks"]["syslog"] = {"socket": syslog.path}
    one = daemon(config)
    wait_until(receiver.messages, "the try that hangs")
    stream.add(20)
    wait_until(lambda: sum(" alert " in m for m in syslog.received) == 21,
               "all lines")
    assert one.sink("desk")["sent"] == 0
    assert len(receiver.messages()) == 1


def test_slow_disk(daemon, feeds, receiver, tmp_path):
    """a disk whose every sync takes a second delays no sink that has work
    """
    n = 60
    disk = BadDisk(tmp_path / "disk", "slow:1000")
    stream = Stream(feeds, receiver)
    receiver.script += [503]
    stream.add(n)
    config = {**stream.config(),
              "store": {"path": os.path.join(disk.folder, "headlined.db")}}
    one = daemon(config, start=False)
    one.env = disk.env
    one.start()
    wait_until(lambda: one.sink("desk")["waiting"] == n, "all alerts")
    disk.break_down()
    wait_until(lambda: len(receiver.messages()) > 1, "the next try")
    since = time.monotonic()
    wait_until(stream.has_arrived, "all of them")
    assert one.sink("desk")["sent"] < n, "the disk is not slow"
    assert time.monotonic() - since < n / 4, "each has waited for the disk"
    disk.heal()
    wait_until(lambda: one.sink("desk")["sent"] == n, "the marks")
    assert len(receiver.messages()) == n + 1


# Threads

@contextlib.contextmanager
def held(pid, thread):
    """A thread that stands still as long as this lasts."""
    holder = subprocess.Popen(
        [tool("hang_thread"), str(pid), thread], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        holder.communicate(timeout=PATIENCE_S)


@pytest.mark.short
@pytest.mark.parametrize("thread", ["worker-0", "ledger", "courier"])
def test_hung_thread(daemon, feeds, receiver, tmp_path, thread):
    """a thread that hangs is named, and the manager is told no more that all
    is well, until it turns again"""
    manager = Manager(tmp_path / "notify", watchdog_s=2)
    stream = Stream(feeds, receiver)
    stream.add()
    one = daemon(stream.config(), start=False)
    one.env = manager.env
    one.start()
    wait_until(lambda: manager.count("READY=1"), "READY=1")
    wait_until(lambda: manager.count("WATCHDOG=1") > 1, "WATCHDOG=1")
    with held(one.process.pid, thread):
        line = wait_until(lambda: one.events("thread_hangs"), "its name")[0]
        assert f"thread={thread} " in line
        told = manager.count("WATCHDOG=1")
        until = time.monotonic() + 4
        stays_true(lambda: manager.count("WATCHDOG=1") == told,
                   "no WATCHDOG=1 while a thread hangs",
                   until=lambda: time.monotonic() > until)
    wait_until(lambda: manager.count("WATCHDOG=1") > told, "WATCHDOG=1")
    wait_until(lambda: one.events("thread_turns_again"), "a word about it")
    stream.add()
    wait_until(stream.has_arrived, "what came later")
    one.stop()
    assert manager.count("STOPPING=1") == 1
    # For each worker, the courier, the ledger: after the word of the stop.
    wait_until(lambda: manager.count("EXTEND_TIMEOUT_USEC=60000000") >= 3,
               "patience while it drains")
    assert manager.position("STOPPING=1") < manager.position(
        "EXTEND_TIMEOUT_USEC=60000000")
    manager.close()
