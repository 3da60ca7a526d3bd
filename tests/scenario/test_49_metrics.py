# SPDX-License-Identifier: ISC
"""What Prometheus scrapes: its own checker finds nothing to mend, and the
numbers are those that the receiver has counted."""
import json
import re
import shutil
import signal
import subprocess
import time

import pytest

from feed_server import Answer
from harness import UnixConnection, rss, rss_item, wait_until
from webhook_receiver import WebhookReceiver

# The daemon's second is a sixtieth of ours: a sink's first wait of 5 s too.
FAST = {"HEADLINED_TIME_SCALE": "60"}
HOSTILE = 'a "sink"\\ {x="1"} 7'
SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? (\S+)')
ESCAPED = re.compile(r"\\(.)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def scrape(one):
    """{(name, labels): value} of what the daemon answers, checked on its way
    by promtool."""
    status, text = one.get("/metrics")
    assert status == 200
    done = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        key = name, tuple(sorted((label, ESCAPED.sub(r"\1", value)) for
                                 label, value in LABEL.findall(labels or "")))
        assert key not in found, line
        found[key] = float(value)
    return found


def of(found, name, sink=None, **labels):
    if sink:
        labels["sink"] = sink
    return found.get((f"headlined_{name}", tuple(sorted(labels.items()))))


class Desk(WebhookReceiver):
    """Its script, `desk`, is for /in alone."""

    def __init__(self):
        super().__init__()
        self.desk = []

    def find_answer(self, request):
        with self.lock:
            step = self.desk.pop(0) if request.path == "/in" and self.desk \
                else 200
        return Answer("", step)


@pytest.fixture
def receiver():
    server = Desk()
    yield server
    server.close()


@pytest.fixture
def desk(daemon, feeds, receiver):
    """A daemon with two sinks and a feed of five items that alert."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    url = feeds.set("/a", rss(*[rss_item(str(i), f"peace {i}")
                                for i in range(5)]))
    one = daemon({
        "feeds": [{"url": url, "every": "10s"}],
        "topics": {"peace": {"match": "peace",
                             "notify": ["desk", HOSTILE]}},
        "sinks": {"desk": {"webhook": receiver.url("/in"),
                           "keep_trying": "5m"},
                  HOSTILE: {"webhook": receiver.url("/other")}},
    }, start=False)
    one.env = FAST
    return one


def scrape_until(one, condition):
    """The first scrape that is so."""
    def look():
        found = scrape(one)
        return found if condition(found) else None
    return wait_until(look, "the metrics to say so", step=0.05)


def came(receiver):
    """How many tries there were at the desk, as its receiver counts."""
    return len(receiver.requests_of("/in"))


@pytest.mark.short
def test_deliveries_are_counted(desk, feeds, receiver):
    """Taken, refused, tried again and given up: each try is in one counter,
    and what was taken is in the histogram."""
    one = desk
    receiver.desk = [503, 200, 503]
    began = time.time()
    one.start()
    connection = UnixConnection(one.socket)
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.headers["Content-Type"] == \
        "text/plain; version=0.0.4; charset=utf-8"
    scrape_until(one, lambda s: of(s, "sink_sent_total", "desk") == 5)
    now = scrape_until(one, lambda s: of(s, "sink_sent_total", HOSTILE) == 5)
    assert came(receiver) == 7
    assert of(now, "sink_retried_total", "desk") == 2
    assert of(now, "sink_given_up_total", "desk") == 0
    assert of(now, "sink_waiting", "desk") == 0
    assert of(now, "sink_oldest_waiting_timestamp_seconds", "desk") is None
    assert of(now, "sink_info", "desk", kind="webhook",
              format="cloudevents") == 1
    buckets = [(float(dict(labels)["le"]), value)
               for (name, labels), value in now.items()
               if name == "headlined_sink_delivery_duration_seconds_bucket"
               and dict(labels)["sink"] == "desk"]
    assert [v for _, v in sorted(buckets)] == sorted(v for _, v in buckets)
    assert max(buckets)[1] == 5 == \
        of(now, "sink_delivery_duration_seconds_count", "desk")
    # Whatever was committed first was held for 4 s at least (5 s +-20 %).
    assert of(now, "sink_delivery_duration_seconds_sum", "desk") >= 4
    assert of(now, "sink_delivery_duration_seconds_bucket", "desk",
              le="0.005") < 5
    assert of(now, "alerts_raised_total") == 5
    assert of(now, "items_seen_total") == 5
    assert of(now, "build_info", version=one.status()["version"]) == 1
    assert now["process_resident_memory_bytes", ()] > 1 << 20
    assert now["process_start_time_seconds", ()] >= began - 1
    # A receiver that is down to the end: what waits, then what is given up.
    receiver.desk = 1000 * [503]
    feeds.set("/a", rss(*[rss_item(f"late {i}", f"peace late {i}")
                          for i in range(3)]))
    now = scrape_until(one, lambda s: of(s, "sink_waiting", "desk") == 3)
    assert of(now, "sink_oldest_waiting_timestamp_seconds", "desk") >= began
    assert of(now, "sink_disabled", "desk") == 0
    now = scrape_until(one, lambda s: of(s, "sink_disabled", "desk") == 1 and
                       of(s, "sink_waiting", "desk") == 0)
    assert of(now, "sink_given_up_total", "desk") == 3
    assert of(now, "sink_sent_total", "desk") == 5
    # The last try of the first row ended in its being given up, the two
    # others went with it, untried.
    assert of(now, "sink_retried_total", "desk") == \
        came(receiver) - 5 - 1
    # As /sinks has it.
    told = {s["name"]: s for s in json.loads(one.get("/sinks")[1])}
    assert told["desk"]["retried"] == came(receiver) - 5 - 1
    assert told["desk"]["given_up"] == 3
    assert told[HOSTILE]["retried"] == 0


def in_trouble(found):
    return [of(found, f"feeds{state}") for state in
            ("", "_failing", "_gone", "_waiting")]


def test_feeds_are_counted(daemon, feeds, receiver):
    """Those in trouble are counted as status finds them in the store: when
    they fail, are well again, leave by a reload, and over a restart; each poll
    is in one result and one class."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    gate = feeds.gate()
    good = feeds.set("/good", rss(rss_item("1", "peace")))
    bad = feeds.set("/bad", Answer("", 500))
    gone = feeds.set("/gone", Answer("", 410))
    slow = feeds.set("/slow", Answer([gate, rss()]))
    urls = [good, bad, gone, slow]
    config = {
        "feeds": [{"url": url, "every": "2s"} for url in urls],
        "topics": {"peace": {"match": "peace", "notify": ["desk"]}},
        "sinks": {"desk": {"webhook": receiver.url("/in")}},
    }
    one = daemon(config, start=False)
    one.start()
    now = scrape_until(one, lambda s: in_trouble(s) == [4, 1, 1, 1])
    told = one.status()["feeds"]
    assert [told[k] for k in ("total", "failing", "gone", "waiting")] == \
        [4, 1, 1, 1]
    gate.open()
    now = scrape_until(one, lambda s: in_trouble(s) == [4, 1, 1, 0])
    assert of(now, "poll_results_total", result="gone") == 1
    assert of(now, "poll_answers_total", **{"class": "5xx"}) >= 1
    assert of(now, "poll_answers_total", **{"class": "2xx"}) >= 2
    assert of(now, "document_bytes_total") >= len(rss(rss_item("1", "peace")))
    assert of(now, "topic_hits_total") == 1
    # Unless one ends between two of the numbers.
    scrape_until(one, lambda s: sum(
        value for (name, _), value in s.items()
        if name == "headlined_poll_results_total") == of(s, "polls_total") ==
        of(s, "poll_duration_seconds_count"))
    # What has failed is so after a restart, before anybody is asked.
    one.stop()
    one.start()
    scrape_until(one, lambda s: in_trouble(s) == [4, 1, 1, 0])
    feeds.set("/bad", rss())
    scrape_until(one, lambda s: in_trouble(s) == [4, 0, 1, 0])
    assert in_trouble(scrape(one)) == [4, 0, 1, 0]
    config["feeds"] = config["feeds"][:2]
    one.configure(config)
    one.process.send_signal(signal.SIGHUP)
    now = scrape_until(one, lambda s: in_trouble(s) == [2, 0, 0, 0])
    assert of(now, "config_reloads_total", result="good") == 1
    assert of(now, "config_last_reload_successful") == 1
