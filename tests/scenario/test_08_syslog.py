# SPDX-License-Identifier: ISC
"""Alerts through a real rsyslogd: on a socket of its own, and as /dev/log."""
import os
import shutil
import subprocess

import pytest

from harness import rss, rss_item, wait_until

RSYSLOGD = shutil.which("rsyslogd", path=os.environ.get("PATH", "") +
                        ":/usr/sbin:/sbin")
TITLE = 'Peace "now"\u202e: a \\ backslash'

pytestmark = pytest.mark.skipif(RSYSLOGD is None,
                                reason="rsyslogd is not installed")

RULES = """\
global(workDirectory="{folder}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{socket}")
template(name="plain" type="string" string=
  "%syslogfacility-text%.%syslogseverity-text% %programname% %msg%\\n")
action(type="omfile" file="{file}" template="plain")
"""

# In a mount namespace of its own: a /run without systemd's journal, which the
# daemon would prefer; a /dev with the usual devices and room for /dev/log. $1:
# rsyslogd, $2: its rules, $3: its pid file, then the daemon.
OWN_DEV = """\
set -e
mkdir -p "$PWD/dev" "$PWD/run"
mount -n --bind "$PWD/run" /run
mount -n -t tmpfs none "$PWD/dev"
for node in null zero full random urandom; do
    touch "$PWD/dev/$node"
    mount -n --bind "/dev/$node" "$PWD/dev/$node"
done
mount -n --move "$PWD/dev" /dev
rsyslogd=$1 rules=$2 pid=$3
shift 3
"$rsyslogd" -n -f "$rules" -i "$pid" &
while ! test -S /dev/log; do
    kill -0 $! || exit 1
done
exec "$@"
"""


def write_rules(tmp_path, socket):
    rules = tmp_path / "rsyslog.conf"
    rules.write_text(RULES.format(folder=tmp_path, socket=socket,
                                  file=tmp_path / "lines"))
    return rules


def read_lines(tmp_path):
    """The alerts in rsyslogd's file; it has words of its own there too."""
    path = tmp_path / "lines"
    text = path.read_text() if path.exists() else ""
    return [x for x in text.splitlines() if " alert topic=" in x]


def config(feeds, syslog):
    url = feeds.set("/rss", rss(rss_item("a", TITLE)))
    return {"feeds": [url], "sinks": {"syslog": syslog},
            "topics": {"peace-talks": {"match": "peace",
                                       "severity": "warning",
                                       "notify": ["syslog"]}}}


def assert_line(line, facility):
    """One line as promised: priority, name, then key=value."""
    head, _, rest = line.partition(" alert ")
    assert head.split() == [f"{facility}.warning", "headlined"]
    assert "topic=peace-talks severity=warning id=msg_" in line
    assert r'title="Peace \"now\"' in rest
    assert r"a \\ backslash" in rest
    assert "\u202e" not in line
    assert "url=https://news.example.com/a" in rest
    assert 'feed="Example News"' in rest


@pytest.mark.short
def test_socket(daemon, feeds, tmp_path):
    """an alert stands in rsyslogd's file with its facility and severity"""
    socket = tmp_path / "log.sock"
    rules = write_rules(tmp_path, socket)
    server = subprocess.Popen([RSYSLOGD, "-n", "-f", str(rules), "-i",
                               str(tmp_path / "rsyslog.pid")])
    try:
        wait_until(socket.exists, "rsyslogd")
        one = daemon(config(feeds, {"socket": str(socket),
                                    "facility": "local3"}))
        wait_until(lambda: read_lines(tmp_path), "the line")
        line, = read_lines(tmp_path)
        assert_line(line, "local3")
        wait_until(lambda: one.sink("syslog")["sent"] == 1, "the mark")
        one.stop()
    finally:
        server.terminate()
        server.wait()


def test_no_syslog(daemon, feeds, tmp_path):
    """without a syslog daemon the alert waits, and goes out when one comes
    """
    socket = tmp_path / "log.sock"
    one = daemon(config(feeds, {"socket": str(socket)}))
    wait_until(lambda: one.sink("syslog")["waiting"] == 1, "the alert")
    server = subprocess.Popen([
        RSYSLOGD, "-n", "-f", str(write_rules(tmp_path, socket)), "-i",
        str(tmp_path / "rsyslog.pid")])
    try:
        wait_until(lambda: read_lines(tmp_path), "the line")
        assert_line(read_lines(tmp_path)[0], "daemon")
    finally:
        server.terminate()
        server.wait()


def may_unshare():
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt"],
        capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.skipif(shutil.which("unshare") is None or not may_unshare(),
                    reason="no mount namespace may be made here")
def test_dev_log(daemon, feeds, tmp_path):
    """by default alerts go to /dev/log, here that of a real rsyslogd"""
    rules = write_rules(tmp_path, "/dev/log")
    pid = tmp_path / "rsyslog.pid"
    one = daemon(config(feeds, {}), start=False)
    one.wrapper = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                   f"cd '{tmp_path}'\n{OWN_DEV}", "sh", RSYSLOGD, str(rules),
                   str(pid)]
    try:
        one.start()
        wait_until(lambda: read_lines(tmp_path), "the line")
        assert_line(read_lines(tmp_path)[0], "daemon")
        one.stop()
    finally:
        if pid.exists():
            os.kill(int(pid.read_text()), 15)
