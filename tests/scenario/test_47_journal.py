# SPDX-License-Identifier: ISC
"""Alerts as entries of systemd's journal: a real systemd-journald, on a /run
of its own."""
import json
import os
import re
import shutil
import subprocess
from xml.sax.saxutils import escape

import pytest

from harness import rss, rss_item, wait_until
from test_17_reload import reload_well

JOURNALD = shutil.which("systemd-journald",
                        path="/usr/lib/systemd:/lib/systemd")
MACHINE_ID = "0123456789abcdef0123456789abcdef"

# What would be a field, or end one, if it were copied as it is.
TITLE = ("Peace\nHEADLINED_TOPIC=forged\nPRIORITY=0\n_UID=0\n\n"
         "MESSAGE\n\x7f talks\u202e and \"quotes\"")
FEED = "Example\nHEADLINED_SITE=forged.example.com"
LINK = "https://news.example.com/a?b=c&d=%0AHEADLINED_ID=forged"
HOSTILE = rss(f"<item><title>{escape(TITLE)}</title>"
              f"<link>{escape(LINK)}</link><guid>a</guid></item>").replace(
                  "<title>Example News<", f"<title>{FEED}<")

SETTINGS = """\
[Journal]
Storage=volatile
RateLimitIntervalSec=0
ReadKMsg=no
Audit=no
ForwardToWall=no
ForwardToSyslog=no
"""

# In a mount namespace of its own. $1: journald, $2: its pid file, then the
# daemon. Of the machine's journal and syslog nothing is seen.
OWN_RUN = """\
set -e
mkdir -p run/systemd/journal run/log log
mount -n --bind run /run
if test -d /var/log/journal; then
    mount -n --bind log /var/log/journal
fi
if test -S /dev/log; then
    mount -n --bind /dev/null /dev/log
fi
for name in systemd/journald.conf machine-id; do
    mount -n --bind "$(basename "$name")" "/etc/$name"
done
journald=$1 pid=$2
shift 2
"$journald" >journald.out 2>&1 &
echo $! >"$pid"
while ! test -S /run/systemd/journal/socket; do
    kill -0 "$(cat "$pid")" || exit 1
done
exec "$@"
"""


def why_not():
    """Why it cannot be tried here; None: it can."""
    for path in ("/etc/machine-id", "/etc/systemd/journald.conf"):
        if not os.path.exists(path):
            return f"there is no {path}"
    if JOURNALD is None or shutil.which("journalctl") is None:
        return "systemd-journald is not installed"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount -n -t tmpfs none /run"],
        capture_output=True, check=False)
    return "no mount namespace may be made here" if done.returncode else None


WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))


class Journal:
    """A journal's folder, and the daemon beside it."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "journald.conf").write_text(SETTINGS)
        (folder / "machine-id").write_text(MACHINE_ID + "\n")

    @property
    def pid(self):
        return self.folder / "journald.pid"

    def wrap(self, one):
        one.wrapper = ["unshare", "-m", "--propagation", "private", "sh",
                       "-c", f"cd '{self.folder}'\n{OWN_RUN}", "sh", JOURNALD,
                       str(self.pid)]
        return one

    def entries(self):
        """What headlined has written, as journalctl reads it."""
        done = subprocess.run(
            ["journalctl", "--quiet", "--no-pager", "-o", "json", "--all",
             f"--directory={self.folder}/run/log/journal/{MACHINE_ID}",
             "SYSLOG_IDENTIFIER=headlined"],
            capture_output=True, text=True, check=False)
        return [json.loads(x) for x in done.stdout.splitlines()]

    def own(self):
        """The entries without the fields that journald adds."""
        return [{name: value for name, value in entry.items()
                 if not name.startswith("_")} for entry in self.entries()]

    def end(self):
        if self.pid.exists():
            os.kill(int(self.pid.read_text()), 9)
            self.pid.unlink()

    def restart(self, one):
        """A new journald, beside the daemon."""
        made = subprocess.Popen(
            ["nsenter", "-t", str(one.process.pid), "-m", "-r", JOURNALD],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid.write_text(f"{made.pid}\n")


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path)
    yield made
    made.end()


def config(feeds, text, **syslog):
    url = feeds.set("/rss", text)
    return {"feeds": [{"url": url, "every": "1s"}],
            "sinks": {"syslog": syslog},
            "topics": {"peace-talks": {"match": "peace",
                                       "severity": "warning",
                                       "notify": ["syslog"]}}}


def start(journal, one):
    return journal.wrap(one).start()


def test_alert(daemon, feeds, journal):
    """an alert is an entry with these fields and no others, whatever its
    title says"""
    one = start(journal, daemon(config(feeds, HOSTILE, facility="local3"),
                                start=False))
    entry, = wait_until(journal.own, "the entry")
    line = entry.pop("MESSAGE")
    found = entry.pop("HEADLINED_ID")
    story = entry.pop("HEADLINED_STORY")
    assert re.fullmatch(r"msg_\w+", found)
    assert line.startswith("alert topic=peace-talks severity=warning "
                           f"id={found} ")
    assert f"story={story}" in line
    assert "\n" not in line and "\u202e" not in line
    title = entry.pop("HEADLINED_TITLE")
    assert title.startswith("Peace HEADLINED_TOPIC=forged PRIORITY=0 _UID=0 ")
    assert title.endswith(' and "quotes"')
    assert "\u202e" not in title and "\x7f" not in title
    assert entry == {
        "PRIORITY": "4",
        "SYSLOG_FACILITY": "19",
        "SYSLOG_IDENTIFIER": "headlined",
        "HEADLINED_KIND": "alert",
        "HEADLINED_TOPIC": "peace-talks",
        "HEADLINED_SEVERITY": "warning",
        "HEADLINED_URL": LINK,
        "HEADLINED_SITE": "127.0.0.1",
        "HEADLINED_FEED": FEED.replace("\n", " "),
    }
    whole, = journal.entries()
    assert whole["_PID"] == str(one.process.pid)
    assert whole["_TRANSPORT"] == "journal"
    wait_until(lambda: one.sink("syslog")["sent"] == 1, "the mark")
    one.stop()


def test_restart(daemon, feeds, journal):
    """what is found while journald is killed waits, and stands in the journal
    once it is there again"""
    one = start(journal, daemon(config(feeds, rss(rss_item("a", "Peace a"))),
                                start=False))
    wait_until(journal.own, "the entry")
    journal.end()
    feeds.set("/rss", rss(rss_item("b", "Peace b")))
    wait_until(lambda: one.sink("syslog")["waiting"] == 1, "the alert")
    wait_until(lambda: one.sink("syslog")["reason"], "the sink to notice")
    journal.restart(one)
    wait_until(lambda: [e["HEADLINED_TITLE"] for e in journal.own()] ==
               ["Peace a", "Peace b"], "both")
    one.stop()


def test_digest(daemon, feeds, journal):
    """a digest says how many alerts it stands for"""
    one = start(journal, daemon(config(
        feeds, rss(*(rss_item(f"n{n}", f"Peace {n}") for n in range(3))),
        digest="5s"), start=False))
    entry, = wait_until(journal.own, "the digest")
    line = entry.pop("MESSAGE")
    assert entry.pop("HEADLINED_ID") in line
    assert 'topics="peace-talks' in line
    assert entry == {
        "PRIORITY": "4",
        "SYSLOG_FACILITY": "3",
        "SYSLOG_IDENTIFIER": "headlined",
        "HEADLINED_KIND": "digest",
        "HEADLINED_SINK": "syslog",
        "HEADLINED_COUNT": "3",
        "HEADLINED_SEVERITY": "warning",
    }
    one.stop()


def test_notice(daemon, feeds, journal):
    """what is wrong with headlined itself stands there as what it is, and when
    it is over"""
    good = {**config(feeds, rss(rss_item("a", "Rain"))),
            "health": {"notify": ["syslog"]}}
    bad = {**good, "topics": {**good["topics"],
                              "broken": {"match": "(rain"}}}
    one = start(journal, daemon(bad, start=False))
    wait_until(journal.own, "the notice")
    reload_well(one, good)
    entries = wait_until(lambda: journal.own()[1:] and journal.own(),
                         "the end of it")
    for entry, state in zip(entries, ["begun", "over"], strict=True):
        line = entry.pop("MESSAGE")
        assert entry.pop("HEADLINED_ID") in line
        assert line.startswith("health condition=degraded ")
        assert entry.pop("PRIORITY") in "34567"
        assert entry.pop("HEADLINED_SEVERITY") in line
        assert entry.pop("HEADLINED_ABOUT", "") in line
        assert entry == {
            "SYSLOG_FACILITY": "3",
            "SYSLOG_IDENTIFIER": "headlined",
            "HEADLINED_KIND": "health",
            "HEADLINED_CONDITION": "degraded",
            "HEADLINED_STATE": state,
        }
    one.stop()
