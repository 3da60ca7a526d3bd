# SPDX-License-Identifier: ISC
"""A day of polling as servers see it: each scenario of manners_scenarios.py
at once, on a clock that runs a day in two minutes, and not one sentence of
complaint (manners_score.py); also when the daemon is killed, its clock set,
its store upgraded, its list imported twice, and when people are impatient.

The days run side by side, each a daemon and a server of its own; whoever is
first waits for all. A machine that had no time for a day's polls has shown
nothing by it: that day is had once more, at half the speed. What was rude in
the first is told all the same."""
import contextlib
import glob
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
import urllib.parse
import warnings

import pytest

import manners_scenarios
import manners_score
from feed_server import free_port
from harness import (FAKETIME, PATIENCE_S, Daemon, UnixConnection, Wall,
                     headlinectl, wait_until)
from lives import choose_seed
from manners_cases import CASES, SPEED as CASES_SPEED
from test_22_suites import SUITES

pytestmark = [pytest.mark.together, pytest.mark.alone]

HOUR = 3600
DAY = 24 * HOUR
# A day in two minutes: what poll.min allows (a minute of the hour) is then
# 83 ms.
SPEED = 720
FAST = 5400             # sixteen seconds a day
HOST_GAP_S = 10
HERE = os.path.dirname(os.path.abspath(__file__))
EACH = [n for n in manners_scenarios.TABLE if n not in ("many", "steady")]
FAILING = [n for n, row in manners_scenarios.TABLE.items()
           if row.every == 0 and n not in ("many", "410")]
# What the store's schema 3 had, and the last column of its feeds.
SCHEMA_3 = {
    "alert", "feed", "health", "health_feed", "health_feed_fails",
    "health_feed_new", "item_text", "item_text_item", "known", "meta",
    "outbox", "outbox_queue", "outbox_way", "raised", "sink"}
LAST_OF_FEED_3 = "items_new"


class Run:
    """One daemon, one server, and what was done to them."""

    def __init__(self, folder, speed=SPEED, names=EACH, hours=24):
        self.folder = str(folder)
        self.speed = speed
        self.names = names
        self.hours = hours
        self.kills = []
        self.stops = []
        self.is_right = True    # its clock is
        self.upgraded = None
        self.origin = int(time.time())
        self.env = {"HEADLINED_TIME_ORIGIN": str(self.origin),
                    "HEADLINED_TIME_SCALE": str(speed)}
        self.log = os.path.join(self.folder, "asked.jsonl")
        self.log_at = 0
        self.server = None
        self.daemon = None
        self.began = None
        self.error = None

    # The server

    def start_server(self):
        self.server = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "manners_server.py"),
             self.log, str(self.speed)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={**os.environ, **self.env})
        self.port = int(self.server.stdout.readline())

    def urls(self):
        return manners_scenarios.urls(self.port, self.names)

    def read_new(self):
        """What the server has logged since the last time."""
        with open(self.log, encoding="utf-8") as file:
            file.seek(self.log_at)
            text = file.read()
        text = text[:text.rfind("\n") + 1]
        self.log_at += len(text.encode())
        return [json.loads(line) for line in text.splitlines()]

    # The daemon

    def config(self, feeds=None):
        return {"feeds": self.urls() if feeds is None else feeds,
                "topics": {"t": {"match": "zebra", "notify": "terminal"}},
                "sinks": {"terminal": {}}, "workers": 1,
                "poll": {"min": "1h", "max": "24h", "first": "none",
                         "host_gap": f"{HOST_GAP_S}s", "per_host": 2,
                         "timeout": "5s", "max_body": "256KiB",
                         "user_agent_url": "https://example.org/bot"}}

    def start(self, feeds=None, **env):
        """The first time with this list of feeds."""
        if self.daemon is None:
            self.daemon = Daemon(self.folder, self.config(feeds))
            self.began = self.now()
        self.daemon.env = {**self.env, **env}
        self.daemon.start()

    def kill(self):
        self.kills.append(time.time())
        self.daemon.kill()

    def stop(self):
        since = time.time()
        self.daemon.stop()
        self.stops.append((since, time.time()))

    def now(self):
        return self.origin + (time.time() - self.origin) * self.speed

    def pass_until(self, hour):
        """The clock of both goes on to this hour of the run."""
        left = (self.began + hour * HOUR - self.now()) / self.speed
        if left > 0:
            wait_until(lambda: self.now() >= self.began + hour * HOUR,
                       f"{hour} h of the daemon's own time",
                       left + PATIENCE_S, step=0.1)

    def close(self):
        try:
            if self.daemon is not None and self.daemon.is_running():
                self.daemon.stop()
        finally:
            if self.daemon is not None and self.daemon.is_running():
                self.daemon.kill()
            if self.server is not None:
                self.server.kill()
                self.server.wait()

    # What it comes to

    def settings(self):
        return manners_score.Settings(self.speed, self.kills, self.stops,
                                      host_gap_s=HOST_GAP_S,
                                      is_right=self.is_right,
                                      upgraded=self.upgraded)

    def assert_polite(self):
        assert self.error is None, self.error
        requests = manners_score.read_log(self.log)
        said = manners_score.violations(requests, self.settings())
        assert not said, f"{len(said)} complaints about " \
            f"{len(requests)} requests:\n" + "\n".join(said[:400])
        return requests

    def idlers(self):
        """What was asked less often than it should, by a run that came to
        its end."""
        if self.error is not None:
            return []
        return manners_score.idlers(manners_score.read_log(self.log),
                                    self.names, self.hours * HOUR)


# The days

def calm_day(run):
    run.start()
    run.pass_until(24)


def many_kills(run):
    """Three at any moment, three between a request and its answer, one while
    it starts."""
    rng = random.Random(choose_seed())
    run.start()
    for hour in (2, 5, 8, 11, 14, 17, 20):
        run.pass_until(hour)
        if hour % 2:
            run.pass_until(hour + rng.random())
        else:
            run.read_new()
            wait_until(lambda: any("/late/" in r.get("path", "")
                                   for r in run.read_new()),
                       "a request that is answered late")
        run.kill()
        if hour == 11:
            run.daemon.start(wait=False)
            run.pass_until(hour + 1 + rng.random() / 4)
            run.kill()
        if hour == 17:
            run.pass_until(19)
        run.daemon.start()
    run.pass_until(24)


def set_clock(run, hours):
    """The daemon's clock is ahead by so many of its own hours."""
    wall = Wall(os.path.join(run.folder, "offset"))
    wall.set(f"{hours * HOUR / run.speed:+.4f}")
    return wall.env


def clock_day(moves):
    """moves: (hour, how far ahead, is it down meanwhile)."""
    def day(run):
        run.is_right = False
        env = set_clock(run, 0)
        run.start(**env)
        for hour, ahead, is_down in moves:
            run.pass_until(hour)
            if is_down:
                run.stop()
            set_clock(run, ahead)
            if is_down:
                run.daemon.start()
        run.pass_until(24)
    return day


def downgrade(path):
    """A store as the version before wrote it: schema 3, where each feed that
    is led to a URL read it for itself. The claims stay: the store knows nothing
    of a poll that the stop has cut off (test_claims has their older layout)."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] >= 4
        # Triggers go before the tables and columns that they name.
        for kind, name in db.execute(
                "SELECT type, name FROM sqlite_master "
                "WHERE name NOT LIKE 'sqlite_%' "
                "ORDER BY type = 'table'").fetchall():
            if name not in SCHEMA_3:
                db.execute(f"DROP {kind} IF EXISTS {name}")
        db.execute("UPDATE feed SET (etag, last_modified, validators_url) = ("
                   "SELECT etag, last_modified, coalesce(validators_url, url) "
                   "FROM feed AS reader WHERE reader.url = feed.same_as) "
                   "WHERE same_as IS NOT NULL")
        # Of an item's texts it had the first, as plain text.
        db.execute("DELETE FROM item_text WHERE part != 0")
        for column in ("part", "passed", "url_key", "packed"):
            db.execute(f"ALTER TABLE item_text DROP COLUMN {column}")
        db.execute("CREATE UNIQUE INDEX item_text_item "
                   "ON item_text (feed, id_hash)")
        columns = [row[1] for row in db.execute("PRAGMA table_info(feed)")]
        for column in columns[columns.index(LAST_OF_FEED_3) + 1:]:
            db.execute(f"ALTER TABLE feed DROP COLUMN {column}")
        db.execute("ALTER TABLE known DROP COLUMN since")
        db.execute("DELETE FROM meta WHERE key = 'steady'")
        db.execute("PRAGMA user_version = 3")
        db.commit()


def upgrade(run):
    run.start()
    run.pass_until(5.5)
    run.stop()
    downgrade(run.daemon.store)
    run.upgraded = time.time()
    run.daemon.start()
    with contextlib.closing(sqlite3.connect(run.daemon.store)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] >= 4
    run.pass_until(24)


def write_list(run, name):
    path = os.path.join(run.folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write('<opml version="2.0"><head/><body>' + "".join(
            f'<outline type="rss" text="{name}" xmlUrl="{url}"/>'
            for url in run.urls() * 2) + "</body></opml>")
    return {"opml": path}


def lists(run):
    """The same list under two names, each feed twice in it; then under a
    third, and the first one taken away."""
    a, b, c = (write_list(run, n) for n in ("a.opml", "b.opml", "c.opml"))
    run.start(feeds=[a, b])
    for hour, feeds in ((3.3, [a, b, c]), (8.2, [c, b]), (15.1, [a])):
        run.pass_until(hour)
        run.daemon.configure(run.config(feeds))
        done = headlinectl("reload", "-c", run.daemon.config)
        assert done.returncode == 0, done.stderr
    run.pass_until(24)


def ask_now(daemon, url):
    """(status, body) of POST /poll."""
    connection = UnixConnection(daemon.socket)
    with contextlib.closing(connection):
        connection.request("POST", "/poll?feed=" +
                           urllib.parse.quote(url, safe=""))
        response = connection.getresponse()
        return response.status, response.read().decode()


def impatience(run):
    """Ten times "poll now", at each of some moments, of every feed."""
    urls = run.urls()
    run.start()
    for hour in (0.2, 2.6, 5.1, 9.9, 16.4):
        run.pass_until(hour)
        for url in urls:
            for _ in range(10):
                code, body = ask_now(run.daemon, url)
                assert code not in (http.client.NOT_FOUND,
                                    http.client.METHOD_NOT_ALLOWED), body
        done = headlinectl("poll", urls[0], "-c", run.daemon.config)
        assert "usage" not in done.stderr, done.stderr
    run.pass_until(24)


def six_days(run):
    run.start()
    run.pass_until(run.hours)


class SharedRun(Run):
    """The server that lies beside the suites, where it does."""

    program = os.path.join(SUITES, "..", "tools", "score_server.py")
    scenarios = ("basic", "weak", "lmonly", "etagonly", "oddlm", "flip",
                 "maxage", "429s", "429d", "429n", "503", "410", "404",
                 "403", "500", "html", "301", "302", "307", "308", "loop",
                 "cookie")

    def start_server(self):
        self.port = free_port()
        self.server = subprocess.Popen(
            [sys.executable, self.program, str(self.port), self.log,
             str(self.speed)], env={**os.environ, **self.env})

    def urls(self):
        return [f"http://127.0.0.1:{self.port}/feed/{n}/{k}"
                for n in self.scenarios for k in ("a", "b")]

    def threads(self):
        """What each thread of the server does, and how often it was given a
        processor to do it."""
        seen = {}
        for status in glob.glob(f"/proc/{self.server.pid}/task/*/status"):
            with contextlib.suppress(OSError), open(status) as file:
                seen[status] = [line for line in file if line.startswith(
                    ("State:", "voluntary_", "nonvoluntary_"))]
        return seen

    def unread(self):
        """Bytes that its sockets hold, and connections that it has not yet
        taken."""
        with open("/proc/net/tcp", encoding="ascii") as file:
            return sum(int(row[4].split(":")[1], 16)
                       for row in map(str.split, list(file)[1:])
                       if int(row[1].split(":")[1], 16) == self.port)

    def is_answered(self):
        """Has the server logged all that it was sent? All its threads sleep,
        none of them ran while that was looked at, and nothing waits for
        them."""
        before = self.threads()
        return self.unread() == 0 and before == self.threads() and all(
            "S (sleeping)" in lines[0] for lines in before.values())

    def freeze_if(self, holds):
        """Whether this holds of a daemon that stands still, with no request
        under way; else it goes on."""
        self.daemon.process.send_signal(signal.SIGSTOP)
        wait_until(self.is_answered, "an answer to all that was asked")
        if holds():
            return True
        self.daemon.process.send_signal(signal.SIGCONT)
        return False

    def is_stored(self):
        """Are the validators that it has been given those of its store?"""
        given = {}
        with open(self.log, encoding="utf-8") as file:
            for line in file:
                r = json.loads(line)
                if r["status"] == 200 and r["sc"] != "html":
                    given[f"http://127.0.0.1:{self.port}{r['path']}"] = (
                        r["cur"]["etag"], r["cur"]["lm"])
        with contextlib.closing(sqlite3.connect(self.daemon.store)) as db:
            kept = set(db.execute(
                "SELECT coalesce(validators_url, url), etag, last_modified "
                "FROM feed").fetchall())
        return all((url, *pair) in kept for url, pair in given.items())

    def assert_polite(self):
        assert self.error is None, self.error
        done = subprocess.run(
            [sys.executable, self.program, "--score", self.log],
            capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout[:done.stdout.index("}") + 1])[
            "requests"] > 2 * len(self.urls())

    def idlers(self):
        return []       # assert_polite counts


def late_kills(run):
    """That server wants nothing read twice: a kill comes when what it has
    answered is in the store."""
    rng = random.Random(choose_seed())
    run.start()
    for hour in (11, 14, 17):
        run.pass_until(hour + rng.random())
        wait_until(lambda: run.freeze_if(run.is_stored),
                   "a moment at which all that was read is stored")
        run.kill()
        run.daemon.start()
    run.pass_until(24)


CLOCKS_WHILE_DOWN = clock_day([(4.4, 1, True), (9.3, 0, True),
                               (13.2, -1, True), (18.1, 0, True)])
CLOCKS_WHILE_RUNNING = clock_day([(4.4, 1, False), (9.3, 0, False),
                                  (13.2, -1, False), (18.1, 0, False)])
# By an hour of the machine's own clock: a month of the daemon's.
CLOCKS_FAR_OFF = clock_day([(4.4, SPEED, True), (9.3, 0, False),
                            (13.2, -SPEED, True), (18.1, 0, False)])

DAYS = {
    "calm": (calm_day, {"names": [*EACH, "many"]}),
    "kills": (many_kills, {}),
    "clock while down": (CLOCKS_WHILE_DOWN, {}),
    "clock while running": (CLOCKS_WHILE_RUNNING, {}),
    "clock far off": (CLOCKS_FAR_OFF, {}),
    "upgrade": (upgrade, {}),
    "lists": (lists, {}),
    "impatience": (impatience, {}),
    "six days": (six_days, {
        "speed": FAST, "hours": 144,
        "names": [*FAILING, "basic", "none", "maxage", "longage", "skipdays",
                  "301", "302", "307", "308"]}),
    "shared server": (calm_day, {"kind": SharedRun}),
    "shared server, impatience": (impatience, {"kind": SharedRun}),
    "shared server, kills": (late_kills, {"kind": SharedRun}),
    "shared server, clock": (CLOCKS_WHILE_RUNNING, {"kind": SharedRun}),
}


def why_not(name):
    """Why this day cannot be had here, or None."""
    if "clock" in name and not FAKETIME:
        return "libfaketime is not installed (Debian: faketime)"
    if DAYS[name][1].get("kind") is SharedRun and \
            not (SUITES and os.path.isfile(SharedRun.program)):
        return "no score_server.py beside the suites (HEADLINED_SUITES)"
    return None


def carry_out(run, day):
    """In a thread of its own; what goes wrong is told by the test."""
    try:
        run.start_server()
        day(run)
    except Exception as error:      # told by assert_polite
        run.error = error
        traceback.print_exc()
    try:
        run.close()
    except (AssertionError, subprocess.TimeoutExpired) as error:
        run.error = run.error or error


def have(names, folders, slower=1):
    """Those days, side by side, over."""
    runs, threads = {}, []
    for name in names:
        day, how = DAYS[name]
        how = {"speed": SPEED, "kind": Run, **how}
        kind, how["speed"] = how.pop("kind"), how["speed"] // slower
        runs[name] = kind(folders.mktemp("day"), **how)
        threads.append(threading.Thread(target=carry_out,
                                        args=(runs[name], day)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return runs


@pytest.fixture(scope="module")
def days(request, tmp_path_factory):
    """Of all days that are asked for, the runs: one each, or two."""
    wanted = {i.callspec.params["name"] for i in request.session.items
              if getattr(i, "originalname", "") == "test_day"}
    first = have(sorted(n for n in wanted if not why_not(n)),
                 tmp_path_factory)
    late = [n for n, run in first.items() if run.idlers()]
    if late:
        warnings.warn("had once more, at half the speed: " + ", ".join(late))
    again = have(late, tmp_path_factory, slower=2)
    return {name: [run, *filter(None, [again.get(name)])]
            for name, run in first.items()}


@pytest.mark.parametrize("name", DAYS)
def test_day(name, request):
    """no server complains of a day of polls"""
    if why_not(name):
        pytest.skip(why_not(name))
    for run in request.getfixturevalue("days")[name]:
        requests = run.assert_polite()
    idle = run.idlers()
    assert not idle, "\n".join(idle)
    if name == "six days":
        assert_moved(run, requests)


def assert_moved(run, requests):
    """What moved for good is asked at its new place after three days and
    three sightings, the rest where it always was."""
    late = run.began + 5 * DAY
    asked = {r.path for r in requests if r.t > late}
    for name, is_moved in (("301", True), ("308", True), ("302", False),
                           ("307", False)):
        for key in ("a", "b"):
            assert (f"/feed/{name}/{key}" not in asked) == is_moved, \
                f"{name}: is it stored? {is_moved} was wanted"
            assert f"/hop/{name}/{key}/1" in asked


@pytest.mark.short
@pytest.mark.parametrize("case", CASES)
def test_scorer(case):
    """the scorer complains of what is rude, once, and of nothing else"""
    requests, phrase = CASES[case]
    said = manners_score.violations(requests,
                                    manners_score.Settings(CASES_SPEED))
    if phrase is None:
        assert said == []
        return
    assert said and all(phrase in s for s in said), said


@pytest.mark.short
def test_scorer_knows_kills():
    """what a kill may have swallowed need not be known"""
    requests, phrase = CASES["unconditional"]
    settings = manners_score.Settings(CASES_SPEED,
                                      kills=[requests[0].end + 0.1])
    assert phrase and manners_score.violations(requests, settings) == []
