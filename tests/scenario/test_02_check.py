# SPDX-License-Identifier: ISC
"""headlined --check: every fault in one run, each with its place."""
import re

import pytest

from harness import headlined

GOOD = """\
feeds:
  - https://feeds.example.org/world.xml
  - url: https://news.example.com/rss
    name: Example News
    every: 5m
    tags: [world, en]
topics:
  peace:
    match: |
      # a comment
      peacekeep* AND NOT title:exercise
    feeds: [world]
    severity: warning
    notify: [terminal]
  sanctions: [sanctions, asset freeze, rare earth*]
sinks:
  terminal: {}
poll: {min: 5m, first: all}
store: {max_size: 1GiB}
health: {notify: [syslog, terminal]}
workers: 2
"""

# Five faults of five kinds; the comment says what each is.
BAD = """\
feeds:
  - url: ftp://news.example.com/rss
    name: Example News
  - https://feeds.example.org/world.xml
topics:
  peace:
    match: |
      peacekeep* AND (ukraine
    severty: warning
    notify: [terminl]
  sanctions: [embargo, asset freeze]
sinks:
  terminal: {}
poll: {min: soon}
"""


def check(tmp_path, text):
    path = tmp_path / "headlined.yaml"
    path.write_text(text)
    return path, headlined("-c", path, "--check")


@pytest.mark.short
def test_good(tmp_path):
    """a good configuration: --check exits 0 and says ok"""
    path, done = check(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    assert str(path) in done.stdout
    assert "ok" in done.stdout
    assert done.stderr == ""


def places(path, text):
    """(line, column, rest) of each fault reported."""
    pattern = re.compile(re.escape(str(path)) + r":(\d+):(\d+): (.*)")
    return [(int(m[1]), int(m[2]), m[3]) for m in pattern.finditer(text)]


@pytest.mark.short
def test_five_faults(tmp_path):
    """five faults are reported in one run, each at its own line and column,
    with exit status 2"""
    path, done = check(tmp_path, BAD)
    assert done.returncode == 2
    assert done.stdout == ""
    found = places(path, done.stderr)
    assert [(line, column) for line, column, _ in found] == [
        (2, 10), (8, 22), (9, 5), (10, 14), (14, 13)], done.stderr
    says = [text for _, _, text in found]
    assert "http" in says[0]
    assert "bracket" in says[1] or "parenthes" in says[1] or ")" in says[1]
    assert "severity" in says[2], "an unknown key gets the nearest known one"
    assert "terminal" in says[3], "an unknown sink gets the nearest name"
    assert "poll.min" in says[4], "a setting in error is called by its key"


def test_carets(tmp_path):
    """each fault shows its source line with a caret under the place"""
    path, done = check(tmp_path, BAD)
    lines = done.stderr.splitlines()
    source = BAD.splitlines()
    heads = [i for i, line in enumerate(lines) if line.startswith(str(path))]
    assert len(heads) == 5
    for i in heads:
        number, column = map(int, lines[i][len(str(path)) + 1:]
                             .split(":")[:2])
        shown, caret = lines[i + 1], lines[i + 2]
        assert source[number - 1].strip() in shown
        shift = shown.index(source[number - 1].lstrip()) - (
            len(source[number - 1]) - len(source[number - 1].lstrip()))
        assert caret.index("^") == shift + column - 1


@pytest.mark.parametrize("text, line, word", [
    ("feeds: [https://a.example/x\n", 2, "bracket"),
    ("feeds: https://a.example/x\ntopics:\n  t:\n    match: *peace\n",
     4, "match: |"),
    ("feeds: https://a.example/x\nfeeds: https://b.example/x\n", 2, "1"),
    ("feeds: https://a.example/x\ntopics:\n  t: peace\npol: {}\n", 4, "poll"),
    ("feeds: https://a.example/x\ntopics:\n  t:\n    match: |\n"
     "      peace talks\n", 5, "AND"),
    ("feeds: https://a.example/x\ncontrol: {http: '0.0.0.0:7878'}\n"
     "topics: {t: peace}\n", 2, "not a loopback address"),
    ("feeds: https://a.example/x\ninclude: topics.yaml\n"
     "topics: {t: peace}\n", 2, "cannot open"),
    ("feeds: https://a.example/x\ntopics: {t: peace}\n"
     "health: {notify: [syslgo]}\n", 3, "did you mean syslog?"),
    ("feeds: https://a.example/x\ntopics: {t: peace}\nworkers: 0\n", 3,
     "from 1 to 64"),
    ("feeds: https://a.example/x\ntopics: {t: peace}\n"
     "store: {max_size: 4MiB}\n", 3, "from 8MiB"),
    ("feeds:\n  - url: https://a.example/x\n    text: pages\n"
     "topics: {t: peace}\n", 3, "neither feed nor page"),
], ids=["a bracket left open", "an alias for a query", "a key twice", "an unknown key",
        "two terms without an operator", "pages for everybody",
        "an included file that is not there",
        "an unknown sink of health", "no worker", "a store too small",
        "a text that is none"])
def test_one_fault(tmp_path, text, line, word):
    """a fault is found at its line and the message says what would be right
    """
    path, done = check(tmp_path, text)
    assert done.returncode == 2
    found = places(path, done.stderr)
    assert line in [n for n, _, _ in found], done.stderr
    assert word in done.stderr


def test_include(tmp_path):
    """included files are read with the main one, new ones too, and a fault
    in one is shown with its file, line, column, source line and caret"""
    folder = tmp_path / "topics.d"
    folder.mkdir()
    (folder / "a.yaml").write_text("topics: {unrest: [riot, uprising]}\n")
    main = GOOD + "include: topics.d/*\n"
    _, done = check(tmp_path, main)
    assert done.returncode == 0, done.stderr
    assert "3 topics" in done.stdout
    (folder / "b.json").write_text('{"topics": {"floods": '
                                   '{"match": "flood*"}}}')
    _, done = check(tmp_path, main)
    assert "4 topics" in done.stdout, done.stderr

    line = "  peace: [truce]"
    (folder / "c.yaml").write_text("topics:\n" + line + "\n")
    (folder / "b.json").write_text('{"topics": {"floods": '
                                   '{"match": "flood* NOT"}}}')
    path, done = check(tmp_path, main)
    assert done.returncode == 2
    assert "2 faults" in done.stderr
    assert [at[:2] for at in places(folder / "b.json", done.stderr)] == [
        (1, 41)], done.stderr
    found = places(folder / "c.yaml", done.stderr)
    assert [at[:2] for at in found] == [(2, 3)], done.stderr
    assert f"{path}, line 8" in found[0][2]
    assert f"  {line}\n    ^~~~~" in done.stderr, "a line and its caret"


def test_missing():
    """a configuration that is not there: one sentence, exit 2"""
    done = headlined("-c", "/no/such/place.yaml", "--check")
    assert done.returncode == 2
    assert "/no/such/place.yaml" in done.stderr
    assert "No such file" in done.stderr


def test_secret_kept(tmp_path):
    """a secret that everybody may read is refused, and never quoted"""
    secret = tmp_path / "desk.key"
    secret.write_text("whsec_" + "c2VjcmV0" * 4 + "\n")
    secret.chmod(0o644)
    config = GOOD.replace("sinks:\n", "sinks:\n  desk:\n"
                          "    webhook: https://hooks.example.org/in\n"
                          "    secret_file: desk.key\n")
    _, done = check(tmp_path, config)
    assert done.returncode == 2
    assert "desk.key" in done.stderr
    assert "c2VjcmV0" not in done.stderr
    secret.chmod(0o600)
    _, done = check(tmp_path, config)
    assert done.returncode == 0, done.stderr
