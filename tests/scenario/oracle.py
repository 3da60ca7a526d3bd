# SPDX-License-Identifier: ISC
"""What a world (world.py) has seen, held against what must be."""
from world import EVERY_S, SCALE, TAKEN_IN_S, TOLERANCE_S


def expected(world):
    """(topic, item) of each alert that must come, once."""
    with world.lock:
        return {(topic, item.name) for feed in world.feeds.values()
                for item in feed.all for topic in item.topics()}


def lost(world):
    """(sink, topic, item) of each that no 200 was given to."""
    right = expected(world)
    with world.lock:
        return {(sink, *pair) for sink, book in world.books.items()
                for pair in right - book.pairs()}


def find_odd_ids(messages):
    """An alert under two ids, an id with two bodies. One that was sent alone,
    to an end that nobody knows as the daemon was killed, may come in a digest
    of a later life: it is told there under its own id, too."""
    prints, ids, ways = {}, {}, {}
    for m in messages:
        prints.setdefault(m.id, set()).add(m.print)
        for told in m.told:
            ids.setdefault(told[:2], set()).add(told.id)
            ways.setdefault(told.id, {}).setdefault(m.id, m)
    wrong = [f"{n} with {len(p)} bodies" for n, p in prints.items()
             if len(p) > 1]
    wrong += [f"{m.id} counts {m.count} and names {len(m.told)}"
              for m in messages if m.count != len(m.told)]
    wrong += [f"{p} under {len(n)} ids" for p, n in ids.items() if len(n) > 1]
    for name, way in ways.items():
        digests = [m for m in way.values() if m.is_digest]
        alone = [m for m in way.values() if not m.is_digest]
        if len(digests) > 1 or any(m.id != name for m in alone) or (
                digests and alone and alone[0].life >= digests[0].life):
            wrong.append(f"{name} came as {sorted(way)}")
    return wrong


def find_wrong_alerts(world):
    """Invented, twice under two ids, an id with two bodies, again in the
    very life that had its 200."""
    right = expected(world)
    wrong = []
    with world.lock:
        books = {sink: (list(book.messages), list(book.twice))
                 for sink, book in world.books.items()}
    for sink, (messages, twice) in books.items():
        pairs = {told[:2] for m in messages for told in m.told}
        wrong += [f"{sink}: {what}" for what in (
            *(f"invented: {p}" for p in sorted(pairs - right)),
            *find_odd_ids(messages),
            *(f"{n} delivered twice in one life" for n in twice))]
    return wrong


def find_repeated_marks(world, outbox):
    """Sent again, alone or in a digest, in a life after the one at whose end
    the store knew that it had arrived; or alone, though a digest had it."""
    wrong = []
    for sink, book in world.books.items():
        with world.lock:
            messages = list(book.messages)
        for m in messages:
            told = {(sink, m.id), *((sink, t.id) for t in m.told)}
            wrong += [f"{way} in life {m.life}, marked in {life}"
                      for way in told
                      if (life := outbox.marks.get(way, m.life)) < m.life]
            if outbox.taken.get((sink, m.id), m.life) < m.life:
                wrong.append(f"{sink}: {m.id} in life {m.life}, though a "
                             "digest has it")
    return wrong


def binds(refusal, later_life):
    """Has the daemon surely taken the refusal in?"""
    if refusal.life == later_life or refusal.is_stored:
        return True
    return refusal.was_read and refusal.answered is not None and \
        refusal.killed is not None and \
        refusal.killed - refusal.answered > TAKEN_IN_S


def find_early(world):
    """Requests earlier than poll.min, `every` and Retry-After allow."""
    wrong = []
    for feed in world.feeds.values():
        with world.lock:
            polls = sorted(feed.polls, key=lambda p: p.arrived)
        for last, poll in zip(polls, polls[1:]):
            wait = EVERY_S
            if last.refusal and binds(last.refusal,
                                      world.life_at(poll.arrived)):
                wait = last.refusal.seconds
            gap = (poll.arrived - last.arrived) * SCALE
            if gap < wait - TOLERANCE_S:
                wrong.append(
                    f"{feed.url}: again after {gap:.0f} s of {wait}, life "
                    f"{world.life_at(last.arrived)} and "
                    f"{world.life_at(poll.arrived)}")
    return wrong


def find_forgotten(world):
    """A version was known to be committed, and then was not any more."""
    wrong = []
    for feed in world.feeds.values():
        with world.lock:
            polls = sorted(feed.polls, key=lambda p: p.arrived)
        highest = 0
        for poll in polls:
            if poll.version < highest:
                wrong.append(f"{feed.url}: knew version {highest}, then "
                             f"{poll.version}")
            highest = max(highest, poll.version)
    return wrong
