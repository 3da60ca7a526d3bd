# SPDX-License-Identifier: ISC
"""Fixtures, the short choice of scenarios, and their results as TAP."""
import os

import pytest

from feed_server import FeedServer
from harness import FAKETIME, Daemon, Wall
from lives import choose_seed
from webhook_receiver import WebhookReceiver
from world import World


@pytest.fixture
def feeds():
    server = FeedServer()
    yield server
    server.close()


@pytest.fixture
def other_feeds():
    """A second server: another port is another host."""
    server = FeedServer()
    yield server
    server.close()


@pytest.fixture
def receiver():
    server = WebhookReceiver()
    yield server
    server.close()


@pytest.fixture
def daemon(tmp_path):
    """daemon(config) starts one; what still runs at the end is stopped as an
    administrator would, and must end well."""
    daemons = []

    def make(config, start=True, folder=None):
        made = Daemon(folder or tmp_path, config)
        daemons.append(made)
        return made.start() if start else made

    yield make
    try:
        for one in daemons:
            if one.is_running():
                one.stop()
    finally:
        for one in daemons:
            if one.is_running():
                one.kill()


@pytest.fixture
def seed():
    """Of all that is left to chance in a run; HEADLINED_SEED repeats it."""
    chosen = choose_seed()
    print(f"HEADLINED_SEED={chosen}")      # shown with a failure
    return chosen


@pytest.fixture
def world(seed):
    """Feeds, a webhook and their oracle (world.py)."""
    one = World(seed)
    yield one
    one.close()


@pytest.fixture
def wall(tmp_path):
    """wall.set("+1d"): what the daemon's wall clock is ahead by."""
    if not FAKETIME:
        pytest.skip("libfaketime is not installed (Debian: faketime)")

    one = Wall(str(tmp_path / "offset"))
    one.set("+0")
    return one


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "short: also run where HEADLINED_SCENARIOS=short")
    config.addinivalue_line(
        "markers", "together: scenarios that share what they wait for")
    config.addinivalue_line(
        "markers", "alone: runs with no other part beside it")
    config.pluginmanager.register(Tap())


def unit_of(item):
    """What cannot be parted: a scenario, or a file that is one."""
    return item.path if item.get_closest_marker("together") else item.nodeid


def keep_only(config, items, is_wanted):
    config.hook.pytest_deselected(
        items=[i for i in items if not is_wanted(i)])
    items[:] = [i for i in items if is_wanted(i)]


def pytest_collection_modifyitems(config, items):
    part = os.environ.get("HEADLINED_SCENARIOS_PART")
    if part == "alone":
        keep_only(config, items, lambda i: i.get_closest_marker("alone"))
    elif part:                  # "2of4"
        keep_only(config, items, lambda i: not i.get_closest_marker("alone"))
        which, of = map(int, part.split("of"))
        units = list(dict.fromkeys(unit_of(i) for i in items))
        place = {u: n for n, u in enumerate(units)}
        keep_only(config, items, lambda item:
                  place[unit_of(item)] % of == which - 1)
    if os.environ.get("HEADLINED_SCENARIOS") == "short":
        keep_only(config, items, lambda item: item.get_closest_marker("short"))


class Tap:
    """One line a scenario on descriptor HEADLINED_TAP_FD: its docstring's
    first line says what it shows."""

    def __init__(self):
        self.count = 0
        fd = os.environ.get("HEADLINED_TAP_FD")
        self.file = open(int(fd), "w", buffering=1, closefd=False,
                         encoding="utf-8") if fd else None

    def say(self, line):
        if self.file:
            print(line, file=self.file)

    def pytest_collectreport(self, report):
        if report.failed:
            self.count += 1
            self.say(f"not ok {self.count} - {report.nodeid} can be read")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        doc = (item.obj.__doc__ or item.name).strip()
        report.says = " ".join(doc.split("\n\n")[0].split())
        if hasattr(item, "callspec"):
            report.says += f" [{item.callspec.id}]"

    def pytest_runtest_logreport(self, report):
        """A failure counts in each phase, a success once."""
        if report.failed:
            self.count += 1
            where = "" if report.when == "call" else f" ({report.when})"
            self.say(f"not ok {self.count} - {report.says}{where}")
        elif report.skipped:
            self.count += 1
            why = report.longrepr[2] if isinstance(
                report.longrepr, tuple) else ""
            self.say(f"ok {self.count} - {report.says} # SKIP {why}")
        elif report.when == "call":
            self.count += 1
            self.say(f"ok {self.count} - {report.says}")

    def pytest_sessionfinish(self):
        self.say(f"1..{self.count}")
