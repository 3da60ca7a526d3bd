# SPDX-License-Identifier: ISC
"""Alerts in a real Prometheus Alertmanager."""
import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from harness import rss, rss_item, wait_until
from test_17_reload import reload_well

ALERTMANAGER = shutil.which("prometheus-alertmanager") or \
    shutil.which("alertmanager")
TITLE = 'Peace "now"\u202e: \\ %s {{ backslash }}'

CONFIG = """\
route: {receiver: none}
receivers: [{name: none}]
"""

pytestmark = pytest.mark.skipif(ALERTMANAGER is None,
                                reason="Alertmanager is not installed")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Alertmanager:
    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        folder.mkdir()
        (folder / "am.yml").write_text(CONFIG)
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [ALERTMANAGER, f"--config.file={folder}/am.yml",
                 f"--storage.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}",
                 "--cluster.listen-address="],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self.is_ready, "Alertmanager to be ready")

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            with urllib.request.urlopen(self.url("/-/ready")) as answer:
                return answer.status == 200
        except (ConnectionError, urllib.error.URLError):
            return False

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def alerts(self):
        with urllib.request.urlopen(self.url("/api/v2/alerts")) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def alertmanager(tmp_path):
    one = Alertmanager(tmp_path / "alertmanager")
    yield one
    one.stop()


def config(feeds, alertmanager, items):
    return {"feeds": [feeds.set("/rss", rss(*items))],
            "topics": {"peace-talks": {"match": "peace",
                                       "severity": "warning",
                                       "notify": ["am"]}},
            "sinks": {"am": {"webhook": alertmanager.url(),
                             "format": "alertmanager"}}}


def test_alerts_stand_there(daemon, feeds, alertmanager):
    """an alert stands in Alertmanager with its labels, texts and address"""
    one = daemon(config(feeds, alertmanager, [rss_item("a", TITLE)]))
    wait_until(lambda: one.sink("am")["sent"] == 1, "the alert")
    alert, = alertmanager.alerts()
    labels = alert["labels"]
    assert labels.pop("id").startswith("msg_")
    assert labels == {"alertname": "peace-talks", "topic": "peace-talks",
                      "severity": "warning", "instance": "desk-1",
                      "site": "127.0.0.1", "job": "headlined",
                      "kind": "alert"}
    notes = alert["annotations"]
    assert notes["title"] == TITLE.replace("\u202e", "")
    assert "WARNING \u00b7 peace-talks \u00b7 Example News" in \
        notes["summary"]
    assert notes["url"] == "https://news.example.com/a"
    assert alert["generatorURL"] == "https://news.example.com/a"
    assert alert["status"]["state"] != "suppressed"
    one.stop()


def test_bad_links_take_no_alert_away(daemon, feeds, alertmanager):
    """a link that Alertmanager would refuse as it stands costs no alert"""
    bad = rss_item("b", "Peace two").replace(
        "https://news.example.com/b", "https://news.example.com/%zz")
    one = daemon(config(feeds, alertmanager,
                        [bad, rss_item("c", "Peace three")]))
    wait_until(lambda: one.sink("am")["sent"] == 2, "both alerts")
    links = {a["annotations"]["title"]: a.get("generatorURL")
             for a in alertmanager.alerts()}
    assert links["Peace two"] == "https://news.example.com/%25zz"
    assert links["Peace three"] == "https://news.example.com/c"
    one.stop()


def test_what_is_over_is_resolved(daemon, feeds, alertmanager):
    """a notice of headlined itself is there until it is over, not longer"""
    good = {**config(feeds, alertmanager, [rss_item("d", "Rain")]),
            "health": {"notify": ["am"]}}
    bad = {**good, "topics": {**good["topics"],
                              "broken": {"match": "(rain", "notify": "am"}}}
    one = daemon(bad)
    wait_until(lambda: one.sink("am")["sent"] == 1, "the notice")
    alert, = alertmanager.alerts()
    labels = alert["labels"]
    assert (labels["alertname"], labels["kind"], labels["instance"]) == (
        "degraded", "health", "desk-1")
    assert "id" not in labels and "severity" not in labels
    reload_well(one, good)
    wait_until(lambda: one.sink("am")["sent"] == 2, "the end of it")
    assert alertmanager.alerts() == []
    one.stop()
