# SPDX-License-Identifier: ISC
"""A store that cannot be written, and one that cannot be read."""
import contextlib
import glob
import json
import os
import random
import sqlite3
import time

import pytest

from disks import BadDisk, SmallDisk, may_mount
from feed_server import Answer
from harness import headlinectl, rss, rss_item, stays_true, wait_until
from lives import Lives
import oracle
from world import EVERY_S, SCALE, World

# "Goes on by itself within 5 s of room."
GOES_ON_S = 5
STOPS_S = 10
# A poll that was under way when the store refused may still be seen.
UNDER_WAY_S = 0.5


@pytest.fixture
def world():
    one = World(15, n_feeds=12)
    one.fails = False
    yield one
    one.close()


@pytest.fixture(params=["full", "readonly", "failing"])
def disk(request, tmp_path):
    if request.param != "full":
        yield BadDisk(tmp_path / "disk", request.param)
        return
    if not may_mount():
        pytest.skip("no mount namespace may be made here")
    small = SmallDisk(tmp_path / "disk")
    yield small
    small.close()


def begin(daemon, world, disk):
    """A daemon with its store on that disk, which has delivered some."""
    store = {"path": os.path.join(disk.folder, "headlined.db")}
    one = daemon({**world.config(), "store": store}, start=False)
    one.wrapper = disk.wrapper
    one.env = {**world.env(), **disk.env}
    lives = Lives(one, world, 15)
    lives.start()
    wait_until(lambda: world.count_delivered() >= 5, "the first alerts")
    return one, lives


def break_down(one, disk):
    """The disk fails, the reserve is used up as well, the daemon says so."""
    disk.break_down()
    wait_until(lambda: one.events("store_refuses"), "the store's refusal")
    disk.break_down()
    wait_until(lambda: one.status()["paused"], "the pause, in status")


def assert_told(one):
    """Once, clearly, wherever somebody may look."""
    line, = one.events("store_refuses")
    assert "why=" in line
    assert one.status()["paused_why"], one.status()
    shown = headlinectl("status", "-c", one.config)
    assert "paused" in shown.stdout.lower(), shown.stdout


def assert_promises_nothing(one, world):
    """No wish for a poll is granted now; it is said what hinders it."""
    states = set()
    for feed in world.config()["feeds"]:
        done = headlinectl("poll", "-c", one.config, "--json", feed["url"])
        answer = json.loads(done.stdout)
        states.add(answer["state"])
        if answer["state"] == "paused":
            assert "store can be written: " in answer["message"], answer
    assert "paused" in states and "now" not in states, states


def assert_asks_nobody(world):
    """For two rounds of polls nothing leaves."""
    since = time.monotonic() + UNDER_WAY_S
    end = since + 2 * EVERY_S / SCALE

    def is_silent():
        with world.lock:
            return all(p.arrived < since for f in world.feeds.values()
                       for p in f.polls[-1:])
    stays_true(is_silent, "no feed is asked while the store refuses",
               until=lambda: time.monotonic() > end)


@pytest.mark.short
def test_refuses(daemon, world, disk):
    """the store cannot be written: one sentence says so, intake pauses, goes
    on by itself within 5 s, and everything arrives once"""
    one, lives = begin(daemon, world, disk)
    break_down(one, disk)
    assert_asks_nobody(world)
    assert_told(one)
    assert_promises_nothing(one, world)
    polls = world.count_polls()
    disk.heal()
    wait_until(lambda: one.events("store_takes_again"), "the store to go on",
               GOES_ON_S)
    wait_until(lambda: world.count_polls() > polls, "polls", GOES_ON_S)
    assert one.status()["paused"] is False
    assert len(one.events("store_refuses")) == 1
    assert len(one.events("store_takes_again")) == 1
    lives.settle_and_repeat_nothing()
    assert oracle.find_wrong_alerts(world) == []
    assert oracle.find_early(world) == []


def test_refuses_verbs(daemon, world, disk):
    """what an administrator wants of the outbox while the store cannot be
    written is refused with the reason, and done when it can"""
    one, lives = begin(daemon, world, disk)
    wait_until(lambda: one.sink("desk")["sent"] >= 5, "marks")
    listed = json.loads(headlinectl(
        "outbox", "list", "-c", one.config, "--state", "sent",
        "--json").stdout)["outbox"]
    name = listed[0]["id"]
    break_down(one, disk)
    for words in (("outbox", "replay", name), ("outbox", "drop", "1..2"),
                  ("sink", "disable", "desk")):
        done = headlinectl(*words, "-c", one.config)
        said = done.stdout + done.stderr
        assert done.returncode == 1, said
        assert "store" in said or "disk" in said or "database" in said, said
        assert len(said.splitlines()) == 1, said
    disk.heal()
    wait_until(lambda: one.events("store_takes_again"), "the store to go on",
               GOES_ON_S)
    done = headlinectl("outbox", "replay", name, "-c", one.config)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: sum(m.id == name for m in
                           world.books["desk"].messages) == 2, "it again")
    lives.settle()


def test_refuses_and_stops(daemon, world, disk):
    """SIGTERM while the store cannot be written: the end comes within 10 s,
    and what could not be written happens after the next start"""
    one, lives = begin(daemon, world, disk)
    break_down(one, disk)
    before = time.monotonic()
    world.end_life()
    one.terminate()
    try:
        one.wait(STOPS_S)
    finally:
        disk.heal()
    assert time.monotonic() - before < STOPS_S
    lives.start()
    lives.settle_and_repeat_nothing()
    assert oracle.find_wrong_alerts(world) == []
    assert oracle.find_early(world) == []


def test_refuses_again(daemon, world, disk):
    """again and again: each time it pauses and goes on"""
    one, lives = begin(daemon, world, disk)
    for n in range(1, 4):
        disk.break_down()
        wait_until(lambda: len(one.events("store_refuses")) == n,
                   "the store's refusal")
        disk.heal()
        wait_until(lambda: len(one.events("store_takes_again")) == n,
                   "the store to go on", GOES_ON_S)
    lives.settle_and_repeat_nothing()
    assert oracle.find_wrong_alerts(world) == []


def test_refuses_and_dies(daemon, world, disk):
    """killed while the store cannot be written, started while it still
    cannot, then with room: nothing is lost"""
    one, lives = begin(daemon, world, disk)
    break_down(one, disk)
    lives.kill()
    lives.start()
    # It waits for room or ends with a sentence; both will do.
    wait_until(lambda: one.events("ready") or one.events("start_failed"),
               "an end of the start")
    if one.events("start_failed"):
        assert one.wait() == 1
        assert "headlined.db" in one.events("start_failed")[0]
    disk.heal()
    if not one.is_running():
        lives.start()
    lives.settle_and_repeat_nothing()
    assert oracle.find_wrong_alerts(world) == []
    assert oracle.find_early(world) == []


# A store that cannot be read

def config(url, receiver):
    return {"feeds": [{"url": url, "every": "1s"}],
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


@pytest.fixture
def aged(daemon, feeds, receiver):
    """A daemon that has seen 300 items and sent 3 alerts, and was killed: its
    WAL stands beside its database. Gives it and the items of its feed."""
    items = [rss_item(f"old-{n}", "Peace" if n % 100 == 0 else "War",
                      "text " * 50) for n in range(300)]
    url = feeds.set("/rss", lambda r: Answer(rss(*items)))
    one = daemon(config(url, receiver))
    wait_until(lambda: len(receiver.messages()) == 3, "three alerts")
    wait_until(lambda: one.sink("desk")["sent"] == 3, "their marks")
    return one, items


def overwrite(path, offset, length):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(random.Random(15).randbytes(length))


def empty_wal(one):
    """What the WAL holds goes where the damage will be: pages that stand in
    the WAL are not missed in the database."""
    with contextlib.closing(sqlite3.connect(one.store)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def spoil_header(one):
    empty_wal(one)
    overwrite(one.store, 0, 100)


def spoil_roots(one):
    empty_wal(one)
    overwrite(one.store, 4096, 16 * 4096)


def cut_in_half(one):
    empty_wal(one)
    os.truncate(one.store, os.path.getsize(one.store) // 2 // 4096 * 4096)


def put_text(one):
    empty_wal(one)
    with open(one.store, "w", encoding="utf-8") as file:
        file.write("This is no database, it is a letter.\n" * 200)


def spoil_wal_header(one):
    overwrite(one.store + "-wal", 0, 32)


def refuse(one):
    """A start that ends with 1 and one sentence, which it gives."""
    one.start(wait=False)
    wait_until(lambda: one.events("ready") or not one.is_running(),
               "an end of the start")
    assert not one.events("ready"), "it has taken the store"
    assert one.wait() == 1, one.log()
    line, = [x for x in one.log().splitlines() if x.startswith("<3>")]
    assert one.store in line
    return line


DAMAGE = (spoil_header, spoil_roots, cut_in_half, put_text)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: d.__name__)
def test_corrupt(aged, damage):
    """a corrupt database is refused with what to do, and left as it is"""
    one, _ = aged
    one.stop()
    damage(one)
    with open(one.store, "rb") as file:
        before = file.read()
    assert "--reset-store" in refuse(one)
    with open(one.store, "rb") as file:
        assert file.read() == before


def test_corrupt_wal(aged):
    """a corrupt WAL holds what was acknowledged: refused, not passed over
    """
    one, _ = aged
    one.kill()
    assert os.path.getsize(one.store + "-wal") > 0
    spoil_wal_header(one)
    assert "--reset-store" in refuse(one)


@pytest.mark.short
@pytest.mark.parametrize("damage", (spoil_header, spoil_wal_header),
                         ids=lambda d: d.__name__)
def test_reset(aged, receiver, feeds, damage):
    """--reset-store moves the files aside together and begins anew: no old
    alert comes again, and what is new is alerted"""
    one, items = aged
    one.kill()
    damage(one)
    files = {p[len(one.store):] for p in glob.glob(one.store + "*")} & {
        "", "-wal"}
    refuse(one)
    one.arguments = ["--reset-store"]
    asked = len(feeds.requests_of("/rss"))
    one.start()
    aside = glob.glob(one.store + ".broken-*")
    assert {("-wal" if p.endswith("-wal") else "") for p in aside
            if not p.endswith("-shm")} == files, aside
    wait_until(lambda: len(feeds.requests_of("/rss")) >= asked + 2, "polls")
    items.insert(0, rss_item("new", "Peace at last"))
    wait_until(lambda: len(receiver.messages()) > 3, "the new item")
    assert receiver.titles()[3:] == ["Peace at last"]
    one.stop()
    one.arguments = []
    asked = len(feeds.requests_of("/rss"))
    one.start()
    wait_until(lambda: len(feeds.requests_of("/rss")) >= asked + 1, "a poll")
    assert len(receiver.messages()) == 4
    assert sorted(glob.glob(one.store + ".broken-*")) == sorted(aside)


def test_check(aged):
    """headlinectl store check finds a page that a start does not look at"""
    one, _ = aged
    one.stop()
    empty_wal(one)
    whole = headlinectl("store", "check", "-c", one.config)
    assert whole.returncode == 0, whole.stderr
    size = os.path.getsize(one.store)
    for page in range(size // 4096 // 2, size // 4096):
        overwrite(one.store, page * 4096, 512)
    broken = headlinectl("store", "check", "-c", one.config)
    assert broken.returncode == 1
    assert broken.stdout + broken.stderr


def test_two_at_once(daemon, feeds, receiver, tmp_path):
    """two started at the same moment on one store: one runs, one is
    refused"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    whole = config(url, receiver)
    first = daemon(whole, start=False)
    other = tmp_path / "other"
    other.mkdir()
    second = daemon({**whole, "store": {"path": first.store}}, start=False,
                    folder=other)
    pair = (first, second)
    for one in pair:
        one.start(wait=False)
    wait_until(lambda: any(p.events("start_failed") for p in pair),
               "a refusal")
    loser = next(p for p in pair if p.events("start_failed"))
    winner = next(p for p in pair if p is not loser)
    assert loser.wait() == 1
    assert "in use" in loser.log()
    wait_until(winner.is_ready, "the other one")
    wait_until(receiver.messages, "its alert")
    wait_until(lambda: winner.sink("desk")["sent"] == 1, "the mark")
    assert len(receiver.messages()) == 1
