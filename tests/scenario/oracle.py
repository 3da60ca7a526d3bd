# SPDX-License-Identifier: ISC
"""What a world (world.py) has seen, held against what must be."""
import json

from world import EVERY_S, SCALE, TAKEN_IN_S, TOLERANCE_S


def expected(world):
    """(topic, item) of each alert that must come, once."""
    with world.lock:
        return {(topic, item.name) for feed in world.feeds.values()
                for item in feed.all for topic in item.topics()}


def pair_of(body):
    alert = json.loads(body)
    return alert["subject"], alert["data"]["item"]["url"].rsplit("/", 1)[1]


def delivered(world):
    with world.lock:
        return {pair_of(body) for _, body in world.delivered.values()}


def lost(world):
    return expected(world) - delivered(world)


def find_wrong_alerts(world):
    """Invented, twice under two ids, an id with two bodies, again in the
    very life that had its 200."""
    with world.lock:
        messages = list(world.messages)
        twice = list(world.twice)
    bodies, ids = {}, {}
    for _, name, body in messages:
        bodies.setdefault(name, set()).add(body)
        ids.setdefault(pair_of(body), set()).add(name)
    right = expected(world)
    return ([f"invented: {p}" for p in sorted(ids) if p not in right] +
            [f"{p} under {len(n)} ids" for p, n in sorted(ids.items())
             if len(n) > 1] +
            [f"{n} with {len(b)} bodies" for n, b in sorted(bodies.items())
             if len(b) > 1] +
            [f"{n} delivered twice in one life" for n in twice])


def binds(refusal, later_life):
    """Has the daemon surely taken the refusal in?"""
    if refusal.life == later_life:
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
