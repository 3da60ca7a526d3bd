# SPDX-License-Identifier: ISC
"""Kills that land while a delivery is under way: the receiver has a request in
its hands, and kills the daemon from there. What the store knew at that moment
is read after each kill."""
import contextlib
import signal
import sqlite3
import threading
import time

from feed_server import read_silence_s
from harness import PATIENCE_S
from lives import Lives
from world import TOLERANCE_S

# Where in a delivery the daemon dies:
POINTS = (
    "head",         # the headers were read, the body was not
    "body",         # all was read, nothing is answered
    "half",         # a status and half a body are answered
    "answered",     # the answer has just left
    "batch",        # and it, or its mark, is on its way into the store
)
# The last point is somewhere in so long after the answer (real): marks gather
# for 10 ms, and are then committed with others.
BATCH_S = 0.03
# A sink that takes several at once is given so long to send as many.
GATHER_S = 2

# States of a row of the outbox (alerts/outbox.h).
WAITING, SENT, IN_DIGEST = 0, 1, 4


class Aim:
    """At one sink's delivery, at one point of it; strike() kills. A request
    that is held is one that nobody said yes to."""

    def __init__(self, rng, sinks, strike):
        self.begun = time.monotonic()
        self.point = rng.choice(POINTS)
        self.sink = rng.choice(list(sinks))
        # Tries that pass, and how many are to be held at once.
        self.skip = rng.randrange(4)
        at_once = sinks[self.sink].get("parallel", 1)
        self.at_once = rng.randrange(1, at_once) if at_once > 1 else 1
        self.delay_s = rng.uniform(0, BATCH_S)
        self.strike = strike
        self.lock = threading.Lock()
        self.struck = threading.Event()
        self.held = {}          # webhook-ids of what was under way

    def is_at(self, handler):
        """Asked once a request, when its head is there. What a former life
        has left behind is none of this one's."""
        arrived = time.monotonic() - read_silence_s(handler.connection)
        if handler.path != "/" + self.sink or arrived < self.begun:
            return False
        with self.lock:
            self.skip -= 1
            return self.skip < 0 and not self.struck.is_set()

    def note(self, name):
        with self.lock:
            self.held[name] = self.sink

    def hit(self):
        with self.lock:
            first = not self.struck.is_set()
            if first:
                self.strike()
            self.struck.set()

    def let_go(self):
        raise ConnectionAbortedError("the one who sent it is dead")

    def hold(self):
        """With others, where the sink takes several at once."""
        with self.lock:
            enough = len(self.held) >= self.at_once
        if enough or not self.struck.wait(GATHER_S):
            self.hit()
        self.let_go()

    # The receiver's threads

    def on_head(self, handler):
        if self.point == "head":
            self.note(handler.headers["webhook-id"])
            self.hold()

    def on_message(self, request):
        self.note(request.headers["webhook-id"])
        if self.point == "half":
            request.handler.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nye")
        if self.point in ("body", "half"):
            self.hold()

    def on_answered(self):
        if self.point == "batch":
            self.struck.wait(self.delay_s)
        self.hit()


class Outbox:
    """What the store says of each row, read between lives."""

    def __init__(self):
        self.last = 0
        self.open = {}          # seq -> (sink, id): not known to be marked
        self.marks = {}         # (sink, id) -> life at whose end it was sent
        self.taken = {}         # likewise, into a digest
        self.gone = []

    def read(self, db, life):
        for seq, sink, name in db.execute(
                "SELECT o.seq, s.name, a.id FROM outbox o"
                " JOIN sink s ON s.id = o.sink JOIN alert a ON a.seq = o.alert"
                " WHERE o.seq > ? ORDER BY o.seq", (self.last,)):
            self.open[seq] = sink, name
            self.last = seq
        for seq in list(self.open):
            row = db.execute("SELECT state FROM outbox WHERE seq = ?",
                             (seq,)).fetchone()
            if row and row[0] == WAITING:
                continue
            way = self.open.pop(seq)
            if row and row[0] == SENT:
                self.marks[way] = life
            elif row and row[0] == IN_DIGEST:
                self.taken[way] = life
            else:
                self.gone.append((way, row))


def read_refusals(db, world):
    """Which of the last refusals the store has: who was told off is due no
    earlier, by the daemon's seconds."""
    rows = {url: rest for url, *rest in db.execute(
        "SELECT url, status, last_asked, due FROM feed")}
    with world.lock:
        for feed in world.feeds.values():
            refusal = feed.polls[-1].refusal if feed.polls else None
            status, asked, due = rows.get(feed.url, (0, 0, 0))
            if refusal and status == refusal.status and \
                    due - asked >= refusal.seconds - TOLERANCE_S:
                refusal.is_stored = True


class Strikes(Lives):
    """Lives of which at least every second one ends while a delivery is under
    way: some row that was in the receiver's hands is unmarked in the store."""

    def __init__(self, daemon, world, seed):
        super().__init__(daemon, world, seed)
        self.outbox = Outbox()
        self.n = 0
        self.struck = dict.fromkeys(POINTS, 0)  # proven, by point
        self.at_once = 0        # the most that were under way in one kill
        self.wrong = []

    def n_struck(self):
        return sum(self.struck.values())

    def strike(self):
        """From a thread of the receiver."""
        self.world.end_life()
        self.daemon.process.kill()

    def live(self, number):
        if self.n_struck() * 2 > self.n:
            super().live(number)
            self.read_store()
        else:
            self.live_until_struck()
        self.n += 1

    def end(self):
        super().end()
        self.read_store()

    def read_store(self):
        """What the life that has ended leaves behind."""
        uri = f"file:{self.daemon.store}?mode=ro"
        try:
            with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
                self.outbox.read(db, len(self.world.lives) - 1)
                read_refusals(db, self.world)
        except sqlite3.OperationalError as error:
            # Killed before there was a store.
            if self.outbox.last or not ("no such table" in str(error) or
                                        "unable to open" in str(error)):
                raise

    def live_until_struck(self):
        aim = Aim(self.rng, self.world.sinks, self.strike)
        self.world.desk.aim = aim
        self.start()
        assert aim.struck.wait(PATIENCE_S), \
            f"no delivery to {aim.sink}: {self.daemon.log()}"
        self.world.desk.aim = None
        assert self.daemon.process.wait() == -signal.SIGKILL, \
            f"ended by itself: {self.daemon.log()}"
        self.check_log()
        self.read_store()
        self.count(aim)

    def count(self, aim):
        """Nobody has said yes to what was held: it must not be marked."""
        ways = [(aim.sink, name) for name in aim.held]
        unmarked = [w for w in ways if w not in self.outbox.marks]
        if aim.point in ("head", "body", "half") and unmarked != ways:
            self.wrong.append(f"marked in the {aim.point}: {ways}")
        if unmarked:
            self.struck[aim.point] += 1
            self.at_once = max(self.at_once, len(unmarked))
