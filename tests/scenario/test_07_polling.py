# SPDX-License-Identifier: ISC
"""Polling as servers like it: conditional, patient, and no more than asked.
"""
from feed_server import Answer
from harness import rss, rss_item, wait_until

ETAG = 'W/"odd, \'quoted\' - tag"'
MODIFIED = "Mon, 23 Nov 2026 10:00:00 GMT"


def config(url, receiver, **feed):
    return {"feeds": [{"url": url, "every": "1s", **feed}],
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def asked(feeds, times, path="/rss"):
    """Waits for so many requests of a path and gives them."""
    wait_until(lambda: len(feeds.requests_of(path)) >= times,
               f"{times} requests")
    return feeds.requests_of(path)


def test_conditional(daemon, feeds, receiver):
    """ETag and Last-Modified go back as they came; 304 is a success, and
    what follows it is read"""
    state = {"body": rss(rss_item("a", "Peace one")), "tag": ETAG}

    def answer(request):
        if request.headers.get("if-none-match") == state["tag"]:
            return Answer("", 304, {"ETag": state["tag"]})
        return Answer(state["body"], 200, {"ETag": state["tag"],
                                           "Last-Modified": MODIFIED})

    one = daemon(config(feeds.set("/rss", answer), receiver))
    requests = asked(feeds, 3)
    assert "if-none-match" not in requests[0].headers
    assert "if-modified-since" not in requests[0].headers
    for again in requests[1:3]:
        assert again.headers["if-none-match"] == ETAG
        assert again.headers["if-modified-since"] == MODIFIED
    assert one.status()["feeds"]["failing"] == 0
    state.update(body=rss(rss_item("b", "Peace two"),
                          rss_item("a", "Peace one")), tag='"second"')
    wait_until(lambda: len(receiver.messages()) == 2, "the new item")
    assert receiver.titles() == ["Peace one", "Peace two"]
    seen = len(feeds.requests_of("/rss"))
    assert asked(feeds, seen + 1)[-1].headers["if-none-match"] == '"second"'


def test_validators_of_whole(daemon, feeds, receiver):
    """validators of a document that was cut short are not kept"""
    whole = rss(rss_item("a", "Peace one"), rss_item("b", "Peace two"))
    cut = whole[:whole.index("Peace two")]
    answers = [Answer(cut, headers={"ETag": '"cut"'}),
               Answer(whole, headers={"ETag": '"whole"'})]
    daemon(config(feeds.set("/rss", lambda r: answers[0] if len(answers) == 1
                            else answers.pop(0)), receiver))
    wait_until(lambda: len(receiver.messages()) == 2, "both items")
    assert "if-none-match" not in feeds.requests_of("/rss")[1].headers
    assert receiver.titles() == ["Peace one", "Peace two"]


def test_edited(daemon, feeds, receiver):
    """an edited item is matched again, and alerts once per topic, ever"""
    state = {"title": "War goes on"}
    url = feeds.set("/rss", lambda r: Answer(rss(rss_item(
        "a", state["title"]))))
    one = daemon(config(url, receiver))
    asked(feeds, 2)
    assert not receiver.messages()
    state["title"] = "Peace at last"
    wait_until(receiver.messages, "the alert for the edited item")
    state["title"] = "Peace at last (updated)"
    asked(feeds, len(feeds.requests_of("/rss")) + 3)
    one.stop()
    assert receiver.titles() == ["Peace at last"]


def test_user_agent(daemon, feeds, receiver):
    """a server learns who asks, and the feed's own headers are sent"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    whole = config(url, receiver, headers={"X-Token": "abc"})
    whole["poll"] = {"user_agent_url": "https://example.org/bot"}
    daemon(whole)
    request = asked(feeds, 1)[0]
    assert request.headers["user-agent"].startswith("headlined/")
    assert request.headers["user-agent"].endswith(
        "(+https://example.org/bot)")
    assert request.headers["x-token"] == "abc"


def test_every(daemon, feeds, receiver):
    """`every` is the interval between polls, never less"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    daemon(config(url, receiver))
    times = [r.monotonic for r in asked(feeds, 4)]
    gaps = [b - a for a, b in zip(times, times[1:])]
    # The server notes a request a moment after it was sent.
    assert min(gaps) > 0.95, gaps


def test_redirect(daemon, feeds, receiver):
    """a redirect is followed, the item alerts under the configured URL"""
    target = feeds.set("/new", rss(rss_item("a", "Peace")))
    url = feeds.set("/rss", Answer("", 302, {"Location": target}))
    daemon(config(url, receiver))
    wait_until(receiver.messages, "the alert")
    assert receiver.alerts()[0]["data"]["feed"]["url"] == url


def test_redirect_inside(daemon, feeds, receiver):
    """a redirect to another private address is refused"""
    target = receiver.url("/secret")
    url = feeds.set("/rss", Answer("", 302, {"Location": target}))
    one = daemon(config(url, receiver))
    trouble = wait_until(lambda: one.trouble(url), "the refusal")
    assert trouble["message"]
    assert not receiver.messages(), "the private address was not asked"


def test_told_off(daemon, feeds, other_feeds, receiver):
    """Retry-After holds, whatever `every` says; other servers are asked"""
    url = feeds.set("/rss", Answer("later", 429, {"Retry-After": "3600"}))
    other = other_feeds.set("/rss", rss(rss_item("a", "War")))
    whole = config(url, receiver)
    whole["feeds"].append({"url": other, "every": "1s"})
    one = daemon(whole)
    asked(other_feeds, 4)
    assert len(feeds.requests_of("/rss")) == 1
    assert one.trouble(url)["word"] == "http_429"
