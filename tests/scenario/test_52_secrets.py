# SPDX-License-Identifier: ISC
"""Canaries: a word of its own stands wherever a secret may be written, and in
nothing that headlined says."""
import concurrent.futures
import os
import resource
import signal
import subprocess

import pytest

from feed_server import Answer, free_port
from harness import headlined, headlinectl, rss, rss_item, wait_until

KEY = "Y2FuYXJ5c2lnbmluZ2tleWNhbmFyeXNpZ25pbmdrZXk"     # base64 of:
CANARIES = [KEY, "canarysigningkey", "canarypassword", "canaryheader",
            "canarycredentials", "canaryproxy", "canaryhook",
            "canaryrefused", "canarynobody", "canarytoken", "canarybot",
            "canaryredirect", "canarymoved", "canarybroken", "canaryopen"]
FEED = "desk:canarypassword"


def with_user(url, user):
    return url.replace("//", f"//{user}@", 1)


def answer_all(feeds):
    """Feeds that are well, fail, are locked and lead elsewhere."""
    for name in ("/good", "/nowhere"):
        feeds.set(name, rss(rss_item("1", "peace at last")))
    feeds.set("/failing", Answer("", 500))
    feeds.set("/locked", Answer("", 401))
    for name, status in ("redirect", 302), ("moved", 301):
        feeds.set(f"/{name}", Answer("", status, {"Location": with_user(
            feeds.url("/nowhere"), f"u:canary{name}")}))


def keep(folder, name, text):
    """A secret's file."""
    path = folder / name
    path.write_text(text, encoding="ascii")
    path.chmod(0o600)
    return name


def configure(folder, feeds, receiver):
    """Every secret there may be, of feeds and sinks that work, that fail and
    that cannot be reached."""
    nobody = f"http://127.0.0.1:{free_port()}"
    sinks = {
        "hook": {"webhook_file": keep(folder, "hook",
                                      receiver.url("/canaryhook") + "\n"),
                 "secret_file": keep(folder, "key", f"whsec_{KEY}=\n")},
        "refused": {"webhook_file": keep(folder, "refused", receiver.url(
            "/canaryrefused?token=canaryrefused"))},
        "nobody": {"webhook_file": keep(folder, "nobody",
                                        f"{nobody}/canarynobody")},
        "gotify": {"format": "gotify", "webhook": receiver.url("/gotify"),
                   "token_file": keep(folder, "token", "canarytoken\n")},
        "chat": {"format": "telegram", "chat": "-100",
                 "webhook": receiver.url("/"),
                 "token_file": keep(folder, "bot", "1:canarybot\n")},
    }
    return {
        "feeds": [
            {"url": with_user(feeds.url("/good"), FEED), "every": "1s"},
            {"url": with_user(feeds.url("/failing"), FEED), "every": "1s"},
            {"url": with_user(f"{nobody}/none", FEED), "every": "1s"},
            {"url": with_user("http://nowhere.invalid/", FEED)},
            {"url": feeds.url("/locked"), "headers": {"X": "canaryheader"},
             "credentials_file": keep(folder, "login",
                                      "u:canarycredentials\n")},
            {"url": feeds.url("/proxied"), "proxy": with_user(
                nobody, "u:canaryproxy")},
            {"url": feeds.url("/redirect"), "every": "1s"},
            {"url": feeds.url("/moved"), "every": "1s"},
        ],
        "topics": {"peace": {"match": "peace", "notify": list(sinks)}},
        "sinks": sinks,
        "health": {"notify": ["hook"]},
    }


def check_silent(what, text):
    for word in CANARIES:
        assert word not in text, f"{what} tells {word}:\n{text}"


VERBS = [["status"], ["feeds"], ["feeds", "--failing"], ["sinks"], ["alerts"],
         ["outbox", "list"], ["why", "https://news.example.com/1"],
         ["sink", "test", "hook"], ["backtest", "--query", "peace"],
         ["reload"]]
# These take as long as a test message may.
SLOW_VERBS = [["sink", "test", "refused"], ["sink", "test", "nobody"]]


def ask_everything(one):
    for path in ("/status", "/metrics", "/feeds", "/sinks", "/topics",
                 "/alerts", "/outbox"):
        status, text = one.get(path)
        assert status == 200, (path, text)
        check_silent(path, text)
    for verb in VERBS:
        for more in ([], ["--json"]):
            ask(one, *verb, *more)


def ask(one, *verb):
    done = headlinectl(*verb, "-c", one.config)
    check_silent(verb, done.stdout + done.stderr)


def test_canaries(daemon, feeds, receiver, tmp_path):
    """no secret is in the log, in an answer or in what headlinectl shows:
    not of feeds and sinks that work, fail or cannot be reached"""
    answer_all(feeds)
    plan = configure(tmp_path, feeds, receiver)

    def refuse(request):
        return Answer("no", 403) if "refused" in request.path else \
            Answer("", 200)
    receiver.find_answer = refuse
    one = daemon(plan, start=False)
    one.arguments = ["--debug"]
    one.start()
    wait_until(lambda: all(receiver.requests_of(path) for path in (
        "/canaryhook", "/canaryrefused?token=canaryrefused", "/gotify/message",
        "/bot1:canarybot/sendMessage")), "an alert at each that answers")
    wait_until(lambda: one.status()["feeds"]["failing"] >= 5 and
               all(feeds.requests_of(p) for p in ("/nowhere", "/locked")),
               "each feed to be tried")
    wait_until(lambda: one.sink("nobody")["waiting"] > 0 and
               one.events("sink_fails"), "a sink to fail")
    ask_everything(one)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda verb: ask(one, *verb), SLOW_VERBS))
    for message in receiver.messages():
        check_silent(message.path, message.body.decode())
    # A reload that reads secrets it cannot use.
    keep(tmp_path, "broken", "whsec_canarybroken!\n")
    (tmp_path / "open").write_text("u:canaryopen\n", encoding="ascii")
    (tmp_path / "open").chmod(0o644)
    plan["sinks"]["hook"]["secret_file"] = "broken"
    plan["feeds"][0] = {"url": with_user("ftp://127.0.0.1/", FEED)}
    plan["feeds"].append({"url": feeds.url("/open"),
                          "credentials_file": "open"})
    one.configure(plan)
    done = headlined("-c", one.config, "--check")
    assert done.returncode == 2 and "broken" in done.stderr
    check_silent("--check", done.stdout + done.stderr)
    one.process.send_signal(signal.SIGHUP)
    wait_until(lambda: one.events("reload_refused"), "the reload to fail")
    ask_everything(one)
    one.stop()
    check_silent("the log", one.log() + one.output())


def leaves_core(process):
    """Whether one that is told to abort leaves its memory behind."""
    os.kill(process.pid, signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -signal.SIGABRT       # nobody else can wait for it
    assert os.WIFSIGNALED(status)
    return os.WCOREDUMP(status)


def test_no_core(daemon, feeds, tmp_path):
    """what aborts leaves no core, whatever the limits are"""
    def allow_core():
        resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))

    with subprocess.Popen(["sleep", "60"], preexec_fn=allow_core,
                          cwd=tmp_path) as other:
        if not leaves_core(other):
            pytest.skip("this machine keeps no cores: nothing to compare with")
    one = daemon({"feeds": [feeds.set("/a", rss())]}, start=False)
    one.wrapper = ["prlimit", f"--core={1 << 20}:{1 << 20}"]
    one.start()
    assert not leaves_core(one.process)
