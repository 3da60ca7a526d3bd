# SPDX-License-Identifier: ISC
"""What waits, failed or was given up, seen and mended by an administrator:
headlinectl sinks, sink and outbox."""
import json

import pytest

from harness import headlinectl, rss, rss_item, wait_until

# The daemon's second is a sixtieth of ours: a sink's first wait of 5 s too.
FAST = {"HEADLINED_TIME_SCALE": "60"}
KEEP_TRYING_S = 60


def ctl(one, *words, code=0):
    done = headlinectl(words[0], *words[1:], "--socket", one.socket)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def sink(one, name="desk"):
    return next(s for s in json.loads(ctl(one, "sinks", "--json"))
                if s["name"] == name)


def rows(one, *words):
    return json.loads(ctl(one, "outbox", "list", "--json",
                          *words))["outbox"]


def titles(some):
    return [r["title"] for r in some]


@pytest.fixture
def desk(daemon, feeds, receiver):
    """desk(sinks...) is a daemon of one feed; give(titles...) lists them as
    its items; alerts go out in that order."""
    def make(**settings):
        make.url = feeds.set("/a", rss())
        one = daemon({
            "feeds": [{"url": make.url, "every": "10s"}],
            "topics": {"peace": {"match": "peace", "notify": ["desk"]}},
            "sinks": {"desk": {"webhook": receiver.url("/in"), **settings},
                      "bell": {"webhook": receiver.url("/bell")}},
        }, start=False)
        one.env = FAST
        return one.start()

    def give(*names):
        feeds.set("/a", rss(*[rss_item(n, f"peace {n}") for n in names]))

    make.give = give
    return make


def ids(receiver, path="/in"):
    """webhook-ids of what was tried there."""
    return [r.headers["webhook-id"] for r in receiver.requests_of(path)]


@pytest.mark.short
def test_what_was_given_up_is_replayed(desk, receiver):
    """A receiver that is down for longer than keep_trying: its alerts are given
    up and the sink is disabled, which `sinks` and `outbox list` tell. Enabled
    and replayed, each arrives once, in order."""
    one = desk(keep_trying=f"{KEEP_TRYING_S}s")
    assert sink(one)["state"] == "works"
    assert rows(one) == []
    assert ctl(one, "outbox", "list") == \
        "nothing waits, nothing was given up\n"
    receiver.script = 1000 * [503]
    desk.give("1", "2", "3")
    wait_until(lambda: sink(one)["state"] == "disabled", "the sink's end")
    wait_until(lambda: sink(one)["given_up"] == 3, "three to be given up")
    off = sink(one)
    assert off["waiting"] == 0 and off["since"]
    assert "503" in off["reason"]
    assert sink(one, "bell")["state"] == "works"
    table = ctl(one, "sinks").splitlines()
    assert [line.split()[0] for line in table] == [
        "STATE", "works", "disabled", "kept", "works"]  # syslog, desk, bell
    # What comes now waits.
    desk.give("1", "2", "3", "4")
    wait_until(lambda: sink(one)["waiting"] == 1, "the fourth")
    listed = rows(one)
    assert titles(listed) == ["peace 1", "peace 2", "peace 3", "peace 4"]
    assert [r["state"] for r in listed] == 3 * ["given_up"] + ["waiting"]
    assert {r["topic"] for r in listed} == {"peace"}
    assert titles(rows(one, "--state", "waiting")) == ["peace 4"]
    assert titles(rows(one, "--sink", "bell")) == []
    text = ctl(one, "outbox", "list").splitlines()
    assert "given up" in text[0] and text[0].endswith("peace 1")
    # A test of it says that it is off, and leaves nothing behind.
    assert "desk is disabled" in ctl(one, "sink", "test", "desk", code=1)
    with receiver.lock:
        receiver.script = []
        receiver.requests.clear()
    assert "is enabled" in ctl(one, "sink", "enable", "desk")
    wait_until(lambda: len(ids(receiver)) == 1, "the one that waited")
    assert "already" in ctl(one, "sink", "enable", "desk")
    assert ctl(one, "outbox", "replay", "--sink", "desk").startswith(
        "3 rows to be sent again")
    wait_until(lambda: sink(one)["sent"] == 4, "all to be sent")
    assert receiver.titles() == ["peace 4", "peace 1", "peace 2", "peace 3"]
    assert len(set(ids(receiver))) == 4
    assert rows(one) == []
    assert sink(one)["given_up"] == 0
    # Nothing of it is left; one that was sent is, when it is named.
    assert "nothing" in ctl(one, "outbox", "replay", "--sink", "desk")
    last = rows(one, "--state", "sent")[-1]
    assert ctl(one, "outbox", "replay", last["id"]).startswith("1 row ")
    wait_until(lambda: len(ids(receiver)) == 5, "one of them again")
    assert ids(receiver)[-1] == last["id"]


def test_a_sink_is_tried(desk, receiver):
    """`sink test` says how long one marked message took, or why it did not
    arrive, and leaves no trace among the alerts."""
    one = desk()
    said = ctl(one, "sink", "test", "desk")
    assert said.startswith("a test of desk was delivered in ")
    message, = receiver.alerts()
    assert message["type"] == "io.headlined.test.v1"
    assert message["data"]["sink"] == "desk"
    assert ids(receiver) == [message["id"]]
    assert ids(receiver, "/bell") == []
    receiver.script = [503]
    said = ctl(one, "sink", "test", "desk", code=1)
    assert "was not delivered" in said and "503" in said
    wait_until(lambda: sink(one)["waiting"] == 0, "the test to be forgotten")
    desk.give("1")
    wait_until(lambda: sink(one)["sent"] == 1, "an alert")
    assert [m["type"] for m in receiver.alerts()] == [
        "io.headlined.test.v1", "io.headlined.test.v1",
        "io.headlined.alert.v1"]
    alerts = json.loads(ctl(one, "alerts", "--json"))["alerts"]
    assert titles(alerts) == ["peace 1"]
    assert one.status()["alerts_raised"] == 1


def test_what_waits_is_dropped(desk, receiver):
    """A row that waits is dropped and does not go out, also where the delivery
    has read it already; one that is under way is told."""
    one = desk()
    gate = receiver.hang()
    desk.give("1", "2", "3", "4")
    assert gate.reached.wait(20)
    wait_until(lambda: sink(one)["waiting"] == 4, "four to wait")
    waiting = rows(one)
    assert ctl(one, "outbox", "drop", waiting[2]["id"]) == "1 row dropped\n"
    numbers = [r["seq"] for r in waiting]
    assert ctl(one, "outbox", "drop", f"{numbers[0]}..{numbers[1]}") == (
        "2 rows dropped; 1 of them is under way and may arrive\n")
    assert sink(one)["waiting"] == 1 and sink(one)["dropped"] == 3
    gate.open()
    wait_until(lambda: sink(one)["waiting"] == 0, "the last one")
    # That the first arrived is a fact.
    assert receiver.titles() == ["peace 1", "peace 4"]
    assert [r["state"] for r in rows(one, "--state", "sent")] == 2 * ["sent"]
    assert titles(rows(one, "--state", "dropped")) == ["peace 2", "peace 3"]
    assert ctl(one, "outbox", "replay", "--sink", "desk").startswith("2 rows")
    wait_until(lambda: sink(one)["sent"] == 4, "what was dropped")
    assert receiver.titles()[2:] == ["peace 2", "peace 3"]


def test_a_sink_is_switched_off(desk, receiver):
    """Disabled by hand, a sink keeps what comes, over a restart, too."""
    one = desk()
    assert "is disabled" in ctl(one, "sink", "disable", "desk")
    desk.give("1", "2")
    wait_until(lambda: sink(one)["waiting"] == 2, "two to wait")
    one.stop()
    one.start()
    assert sink(one)["state"] == "disabled"
    assert "headlinectl" in sink(one)["reason"]
    assert ids(receiver) == []
    ctl(one, "sink", "enable", "desk")
    wait_until(lambda: sink(one)["sent"] == 2, "both")
    assert receiver.titles() == ["peace 1", "peace 2"]


def test_slips_are_told(desk):
    """What is typed wrong is named, with the nearest that is right."""
    one = desk()
    for words, code, said in (
            (("sink", "test", "dsk"), 1, "did you mean desk?"),
            (("sink", "tst", "desk"), 2, "did you mean test?"),
            (("sink", "test"), 2, "which one?"),
            (("outbox", "lst"), 2, "did you mean list?"),
            (("outbox", "list", "--sink", "bel"), 1, "did you mean bell?"),
            (("outbox", "list", "--stat", "x"), 2, "x"),
            (("outbox", "list", "--state", "waitin"), 2, "waiting?"),
            (("outbox", "list", "--topic", "peaces"), 1, "peace?"),
            (("outbox", "list", "--since", "7"), 2, "lacks its unit"),
            (("outbox", "replay"), 2, "which ones?"),
            (("outbox", "drop", "9..3"), 2, "backwards"),
            (("outbox", "drop", "all"), 2, "is none"),
            (("outbox", "drop", "msg_0"), 1, "no row has this id"),
            (("outbox", "replay", "99999"), 1, "no row has this id"),
            (("outbox", "replay", "--snk", "x"), 2, "--sink?"),
            (("sinks", "--jsn"), 2, "--json?")):
        assert said in ctl(one, *words, code=code), words
    for verb in ("sink", "outbox"):
        done = headlinectl(verb)
        assert done.returncode == 2 and "what of it?" in done.stderr
        done = headlinectl(verb, "-c", "x.yaml")
        assert done.returncode == 2 and "word comes first" in done.stderr
    done = headlinectl("outbox", "list", "--socket", one.socket + ".not")
    assert done.returncode == 1


def test_what_changes_something_is_posted(desk):
    """GET changes nothing, and what is asked of paths is said in JSON."""
    one = desk()
    for path, code in (("/sinks/desk/disable", 405), ("/outbox/drop", 405),
                       ("/sinks/desk/paint", 404), ("/sinks//test", 404)):
        assert one.get(path)[0] == code, path
    assert sink(one)["state"] == "works"
    code, body = one.get("/outbox?state=none&limit=3")
    assert code == 400 and "waiting" in json.loads(body)["message"]
