# SPDX-License-Identifier: ISC
"""A small world of news, for runs in which the daemon dies often: feeds on
several hosts whose documents change from poll to poll, a webhook that now and
then fails, and the oracle that knows what must come of it.

What makes it an oracle: a revision of an item stays listed until the daemon
proves that it has committed it, by a conditional request with the ETag of a
document that held it. From then on nothing may excuse its loss."""
import bisect
import collections
import hashlib
import json
import random
import threading
import time

from feed_server import Answer, Gate, Server
from harness import rss, rss_item

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
# The daemon's clock: fast, and the same over restarts.
SCALE = 100
EVERY_S = 120
# What a request may seem early by, in the daemon's seconds: the time that a
# loaded machine takes between the daemon's decision and its request.
TOLERANCE_S = EVERY_S / 5
# So long after an answer was read (real) it must be in the store, on a machine
# that has much else to do, too.
TAKEN_IN_S = 1
MAX_LISTED = 20

TOPICS = ("peace", "talks")
DIGEST = "io.headlined.digest.v1"
# The topics that each revision of an item meets, one after another.
STORIES = (
    [{"peace"}], [{"peace", "talks"}], [{"talks"}], [set()], [set()],
    [set(), {"peace"}],             # an edit makes it match
    [{"peace"}, {"peace"}],         # an edit that alerts nobody anew
    [{"talks"}, set()],             # an edit that does not take it back
    [set(), set(), {"talks"}],
)


class Item:
    def __init__(self, name, story):
        self.name = name
        self.story = story
        self.revision = 0
        self.acked = -1         # the newest revision known to be committed
        self.hold = False       # stays listed for ever

    def topics(self):
        """What it must have raised, by all revisions that were listed."""
        return set().union(*self.story[:self.revision + 1])

    def is_acked(self):
        return self.acked >= self.revision

    def text(self):
        words = " ".join(sorted(self.story[self.revision])) or "war"
        return rss_item(self.name, f"{words} {self.name} {self.revision}")


class Refusal:
    """429 or 503 with Retry-After. It binds once the daemon has it."""

    def __init__(self, status, seconds, life):
        self.status = status
        self.seconds = seconds
        self.life = life
        self.is_stored = False  # found in the store, after that life
        self.answered = None
        self.was_read = False
        self.killed = None      # when the life ended that it was said to


Poll = collections.namedtuple("Poll", "arrived version refusal")


class Feed:
    """One feed: what it lists, and what each of its versions listed."""

    def __init__(self, world, number, url, has_validators):
        self.world = world
        self.number = number
        self.url = url
        self.has_validators = has_validators
        self.version = 0
        self.versions = []      # each: [(item, revision), ...]
        self.items = []         # listed now
        self.all = []
        self.polls = []
        self.change()

    def change(self):
        """Another version: old items go, some are edited, new ones come."""
        rng = self.world.rng
        while len(self.items) > MAX_LISTED and self.items[0].is_acked():
            self.items.pop(0)
        for item in self.items:
            if item.is_acked() and item.revision + 1 < len(item.story) and \
                    rng.random() < 0.3:
                item.revision += 1
        if len(self.items) <= 2 * MAX_LISTED:
            for _ in range(rng.randrange(3) + (not self.items)):
                self.add(rng.choice(STORIES))
        self.version += 1
        self.versions.append([(i, i.revision) for i in self.items])

    def add(self, story):
        item = Item(f"{self.number}-{len(self.all)}", story)
        self.items.append(item)
        self.all.append(item)

    def etag(self):
        return f'"v{self.version}"'

    def read_version(self, request):
        """The version that a request says it knows; 0: none."""
        tag = request.headers.get("if-none-match", "")
        return int(tag.strip('"v')) if tag else 0

    def acknowledge(self, version):
        for item, revision in self.versions[version - 1] if version else ():
            item.acked = max(item.acked, revision)

    def document(self):
        return rss(*[i.text() for i in self.items])

    def headers(self):
        return {"ETag": self.etag()} if self.has_validators else {}


class Host(Server):
    """One host's feeds."""

    def __init__(self, world, host):
        self.world = world
        super().__init__(host)

    def find_answer(self, request):
        return self.world.find_document(request)

    def on_answered(self, request):
        refusal = getattr(request, "refusal", None)
        if refusal:
            refusal.answered = time.monotonic()
        self.world.note_event()

    def on_hang_up(self, last_request, has_read_all):
        refusal = getattr(last_request, "refusal", None)
        if refusal and has_read_all:
            refusal.was_read = True


# One alert that a message tells of: its topic, its item's name, its id.
Told = collections.namedtuple("Told", "topic item id")
Message = collections.namedtuple(
    "Message", "life id print is_digest told count")


def read_message(life, name, body):
    """A message as it is kept: who told what, and a print of the body."""
    alert = json.loads(body)
    is_digest = alert["type"] == DIGEST
    if is_digest:
        told = [Told(a["topic"], a["url"].rsplit("/", 1)[1], a["id"])
                for a in alert["data"]["alerts"]]
    else:
        url = alert["data"]["item"]["url"]
        told = [Told(alert["subject"], url.rsplit("/", 1)[1], alert["id"])]
    return Message(life, name, hashlib.sha1(body).digest(), is_digest, told,
                   alert["data"]["count"] if is_digest else 1)


class Book:
    """What one sink's endpoint was sent."""

    def __init__(self):
        self.messages = []      # each try
        self.delivered = {}     # id -> the message that had its 200
        self.twice = []         # an id again in the life that had its 200

    def note(self, message):
        self.messages.append(message)
        known = self.delivered.get(message.id)
        if known and known.life == message.life:
            self.twice.append(message.id)

    def pairs(self):
        """(topic, item) of all that was taken."""
        return {t[:2] for m in self.delivered.values() for t in m.told}


class Desk(Server):
    """The webhooks' end: each sink has a path of its name. `aim`, where there
    is one, may kill the daemon while it delivers (strikes.py)."""

    def __init__(self, world):
        self.world = world
        self.aim = None
        super().__init__()

    def on_head(self, handler):
        """handler.aim: of the request that is read now, or None."""
        aim = self.aim
        handler.aim = aim if aim and aim.is_at(handler) else None
        if handler.aim:
            aim.on_head(handler)

    def find_answer(self, request):
        message = self.world.note_alert(request)
        if request.handler.aim:
            request.handler.aim.on_message(request)
        return self.world.take_alert(request, message)

    def on_answered(self, request):
        self.world.note_event()
        if request.handler.aim:
            request.handler.aim.on_answered()


class World:
    """sinks: the settings of each, beside its URL."""

    def __init__(self, seed, n_feeds=24, sinks=None):
        self.sinks = sinks or {"desk": {}}
        self.rng = random.Random(seed)
        self.lock = threading.RLock()
        self.happened = threading.Condition()
        self.events = 0
        self.changes = True     # documents do
        self.fails = True       # servers do, now and then
        self.origin = int(time.time()) - 10
        self.offset = time.time() - time.monotonic()
        self.lives = []         # when each began (monotonic)
        self.books = {name: Book() for name in self.sinks}
        self.hosts = [Host(self, host) for host in HOSTS]
        self.desk = Desk(self)
        self.feeds = {}
        for n in range(n_feeds):
            host = self.hosts[n % len(HOSTS)]
            self.feeds[host.host, f"/{n}"] = Feed(
                self, n, host.url(f"/{n}"), has_validators=n % 12 != 5)

    def close(self):
        for server in (*self.hosts, self.desk):
            server.close()

    def config(self):
        return {"feeds": [{"url": f.url, "every": f"{EVERY_S}s"}
                          for f in self.feeds.values()],
                "topics": {t: {"match": t, "notify": list(self.sinks)}
                           for t in TOPICS},
                "poll": {"min": f"{EVERY_S}s"},
                "sinks": {name: {"webhook": self.desk.url("/" + name), **s}
                          for name, s in self.sinks.items()}}

    def count_refusals(self):
        """Of those whose life had ended before the feed was asked again, the
        ones that the store had."""
        with self.lock:
            return sum(bool(last.refusal and last.refusal.is_stored and
                            self.life_at(poll.arrived) > last.refusal.life)
                       for f in self.feeds.values()
                       for last, poll in zip(f.polls, f.polls[1:]))

    def env(self):
        return {"HEADLINED_TIME_SCALE": str(SCALE),
                "HEADLINED_TIME_ORIGIN": str(self.origin)}

    def calm_down(self):
        self.changes = self.fails = False

    def count_polls(self):
        with self.lock:
            return sum(len(f.polls) for f in self.feeds.values())

    # What happens, for who waits for it

    def note_event(self):
        with self.happened:
            self.events += 1
            self.happened.notify_all()

    def wait_events(self, n, seconds):
        """Until n more things have happened, or so long."""
        with self.happened:
            goal = self.events + n
            self.happened.wait_for(lambda: self.events >= goal, seconds)

    # Lives of the daemon

    def begin_life(self):
        self.lives.append(time.monotonic())

    def end_life(self):
        """Just before it is killed."""
        now = time.monotonic()
        with self.lock:
            for feed in self.feeds.values():
                for poll in feed.polls[-2:]:
                    if poll.refusal and poll.refusal.killed is None:
                        poll.refusal.killed = now

    def life_at(self, moment):
        return bisect.bisect(self.lives, moment) - 1

    # Feeds

    def find_document(self, request):
        with self.lock:
            host = request.headers["host"].split(":")[0]
            feed = self.feeds[host, request.path]
            version = feed.read_version(request)
            feed.acknowledge(version)
            answer, request.refusal = self.choose(feed, version, request)
            feed.polls.append(Poll(request.arrived, version,
                                   request.refusal))
        self.note_event()
        return answer

    def choose(self, feed, version, request):
        dice = self.rng.random() if self.fails else 1
        if dice < 0.05:
            refusal = Refusal(self.rng.choice((429, 503)),
                              self.rng.randrange(EVERY_S, 3 * EVERY_S),
                              self.life_at(request.arrived))
            return Answer("later", refusal.status,
                          {"Retry-After": str(refusal.seconds)}), refusal
        if dice < 0.07:
            return Answer("broken", 500), None
        if self.changes and self.rng.random() < 0.7:
            feed.change()
        if version == feed.version:
            return Answer(status=304, headers=feed.headers()), None
        document = feed.document()
        if dice < 0.10:
            # The connection ends in the middle.
            cut = document[:self.rng.randrange(len(document))]
            return Answer(cut, 200, feed.headers(),
                          length=len(document)), None
        if dice < 0.20:
            return self.slow(document, feed), None
        return Answer(document, 200, feed.headers()), None

    def slow(self, document, feed):
        """The second half comes a little later."""
        gate = Gate()
        half = len(document) // 2
        threading.Timer(self.rng.uniform(0, 0.04), gate.open).start()
        return Answer([document[:half], gate, document[half:]], 200,
                      feed.headers())

    # Alerts

    def note_alert(self, request):
        with self.lock:
            message = read_message(self.life_at(request.arrived),
                                   request.headers["webhook-id"],
                                   request.body)
            self.books[request.path[1:]].note(message)
        self.note_event()
        return message

    def take_alert(self, request, message):
        with self.lock:
            dice = self.rng.random() if self.fails else 1
            if dice >= 0.12:
                book = self.books[request.path[1:]]
                book.delivered[message.id] = message
        if dice < 0.06:
            return Answer("", 503)
        if dice < 0.09:
            raise ConnectionAbortedError("hangs up without a word")
        if dice < 0.12:
            gate = Gate()
            threading.Timer(0.03, gate.open).start()
            return Answer([gate], 500)
        return Answer("", 200)

    def count_delivered(self):
        """Messages, over all sinks."""
        with self.lock:
            return sum(len(b.delivered) for b in self.books.values())

    def count_tries(self):
        with self.lock:
            return sum(len(b.messages) for b in self.books.values())
