# SPDX-License-Identifier: ISC
"""Lists of feeds: from other programs, in the configuration, and back."""
import json
import os
import re
import xml.etree.ElementTree as ElementTree

import pytest

from feed_server import Answer
from harness import headlined, headlinectl, rss, rss_item, wait_until

# As programs export it, and then as they should not: a bare ampersand, an
# entity of HTML, letters of any case, one feed in two folders, one of no use.
LIST = """\
<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- exported -->
<opml version="1.0">
<head><title>My feeds</title></head>
<body>
<outline text="World">
  <outline text="Asia" title="Asia">
    <outline type="rss" text="A &quot;B&quot;" xmlUrl="https://a.example/?x=1&y=2"
      htmlUrl="https://a.example/" category="/press/daily,free"/>
  </outline>
  <outline text="Caf&eacute;" xmlurl="https://cafe.example/f"/>
</outline>
<outline text="Technik: 'neu', # 1"><outline text="B" xmlUrl="https://b.example/"/>
  <outline text="A again" xmlUrl="https://a.example/?x=1&amp;y=2"/></outline>
<outline text="Empty"/>
<outline text="Old" isComment="true"><outline xmlUrl="https://old.example/"/></outline>
<outline text="Mail" xmlUrl="mailto:a@a.example"/>
</body>
</opml>
"""

FEEDS = [
    {"url": "https://a.example/?x=1&y=2", "name": 'A "B"',
     "home_url": "https://a.example/",
     "tags": ["World", "Asia", "press", "daily", "free",
              "Technik: 'neu', # 1"]},
    {"url": "https://cafe.example/f", "name": "Caf\u00e9",
     "tags": ["World"]},
    {"url": "https://b.example/", "name": "B",
     "tags": ["Technik: 'neu', # 1"]},
]

TOPICS = "topics: {t: {match: peace, feeds: [Asia, \"Technik: 'neu', # 1\"]}}\n"


def opml(*outlines):
    return ("<opml version='2.0'><body>\n" + "\n".join(outlines) +
            "\n</body></opml>\n")


def outline(url, text, inside=None):
    """A feed, in a folder where `inside` names one."""
    feed = f"<outline text='{text}' xmlUrl='{url}'/>"
    return f"<outline text='{inside}'>{feed}</outline>" if inside else feed


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "feeds.opml"
    path.write_text(LIST, encoding="latin-1")
    return path


def import_json(path, **how):
    done = headlinectl("opml", "import", "--json", path, **how)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# headlinectl opml import

@pytest.mark.short
def test_import(listed, tmp_path):
    """import prints YAML that headlined --check takes as it is, and says
    what it left out"""
    done = headlinectl("opml", "import", listed)
    assert done.returncode == 0
    assert done.stdout.startswith(
        'feeds:\n  - url: "https://a.example/?x=1&y=2"\n'
        '    name: "A \\"B\\""\n    tags: ["World", "Asia", ')
    assert done.stderr == (
        f"headlinectl: {listed}:17: xmlUrl: not an http or https URL (left "
        "out)\n"
        f"headlinectl: {listed}: 3 feeds, 1 that stood there again (tags "
        "united), 1 left out (no usable address), 2 commented out, "
        "1 outline without a feed\n")
    conf = tmp_path / "headlined.yaml"
    conf.write_text(done.stdout + TOPICS, encoding="utf-8")
    checked = headlined("-c", conf, "--check")
    assert checked.returncode == 0, checked.stderr
    assert "ok (3 feeds, 1 topic," in checked.stdout
    assert checked.stderr == ""
    exported = tmp_path / "again.opml"
    assert headlinectl("opml", "export", "-c", conf,
                       exported).returncode == 0
    wanted = {f["url"]: (f["name"], f["tags"]) for f in FEEDS}
    assert {f["url"]: (f["name"], f["tags"])
            for f in import_json(exported)} == wanted


def test_import_json(listed):
    """import --json prints an array; standard input will do"""
    assert import_json(listed) == FEEDS
    done = headlinectl("opml", "import", "--json", "-", stdin=opml())
    assert done.returncode == 0
    assert json.loads(done.stdout) == []
    done = headlinectl("opml", "import", "-", stdin=opml())
    assert done.stdout == "feeds: []\n"
    assert done.stderr == "headlinectl: standard input: 0 feeds\n"


# What YAML, JSON or XML has a meaning of its own for, or hides.
ODD = ["- a: b # c", "'a' \"b\" \\n {x} [y] &z *w !v %u @t `s | > ?", "~",
       "null", "<a>&amp;</a> ]]>", "a\u0085b\u2028c\u2029d", "\ufeffa",
       "a\u202eb\u2066c\u200f", "\U0001f600 \u6f22\u5b57 \u00e9", "1e3",
       "a\u007f\u009fb", "x" * 256, "\ufffd \ufdd0"]


def test_import_odd_characters(tmp_path):
    """names and tags come through YAML, the configuration and OPML again as
    they were, whatever characters they are of"""
    listed, conf = tmp_path / "odd.opml", tmp_path / "headlined.yaml"
    body = ElementTree.Element("body")
    for number, text in enumerate(ODD):
        folder = ElementTree.SubElement(body, "outline", text=text[:100])
        ElementTree.SubElement(folder, "outline", text=text,
                               xmlUrl=f"https://a.example/{number}")
    listed.write_text("<opml>" + ElementTree.tostring(body, "unicode") +
                      "</opml>", encoding="utf-8")
    done = headlinectl("opml", "import", listed)
    assert done.returncode == 0
    assert done.stderr.endswith(f": {len(ODD)} feeds\n")
    conf.write_text(done.stdout, encoding="utf-8")
    again = headlinectl("opml", "export", "-c", conf, "-")
    assert again.returncode == 0, again.stderr
    # A control character has no place in a name; C1 ones are windows-1252.
    meant = str.maketrans({"\x7f": " ", "\x85": "\u2026", "\x9f": "\u0178"})
    wanted = [t.translate(meant) for t in ODD]
    found = import_json("-", stdin=again.stdout)
    assert sorted((f["name"], f["tags"]) for f in found) == \
        sorted((t, [t[:100]]) for t in wanted)


@pytest.mark.parametrize("text,what", [
    ("<html><body>Log in</body></html>", "an HTML page"),
    (rss(), "a feed"), ("", "an empty document"), ('{"a": 1}',
                                                   "a JSON document")])
def test_import_refuses(tmp_path, text, what):
    """what is no OPML is named, with exit status 1 and no output"""
    path = tmp_path / "x.opml"
    path.write_text(text)
    done = headlinectl("opml", "import", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (f"headlinectl: {path}: {what}, not an OPML list "
                           "of feeds\n")


def test_import_truncated(tmp_path):
    """a list that is cut off gives its feeds so far, and says so"""
    path = tmp_path / "x.opml"
    path.write_text(opml(outline("https://a.example/", "A"))[:-10])
    done = headlinectl("opml", "import", path)
    assert done.returncode == 0
    assert "https://a.example/" in done.stdout
    assert "the document ends before its </opml>" in done.stderr


def test_import_opens_nothing(tmp_path):
    """what an entity names is not read: the list is refused"""
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    path = tmp_path / "x.opml"
    path.write_text(f"<!DOCTYPE opml [<!ENTITY s SYSTEM 'file://{secret}'>"
                    "]>" + opml("<outline text='&s;' "
                                "xmlUrl='https://a.example/'/>"))
    done = headlinectl("opml", "import", path)
    assert done.returncode == 1
    assert "hidden" not in done.stdout + done.stderr
    assert "which is refused" in done.stderr


def test_usage():
    """wrong usage is exit status 2 and a line how to do it"""
    for args in ([], ["import"], ["inport", "x"], ["import", "--force", "x"],
                 ["export", "--json", "x"], ["import", "a", "b"]):
        done = headlinectl("opml", *args)
        assert (done.returncode, done.stdout) == (2, "")
        assert "usage: headlinectl opml import" in done.stderr


# headlinectl opml export

CONF = """\
feeds:
  - url: https://a.example/?x=1&y=2
    name: A & <B>
    tags: [world, en]
  - https://b.example/
  - {file: latest.xml, tags: wire}
  - opml: feeds.opml
    tags: [imported]
topics: {t: peace}
"""


@pytest.fixture
def conf(listed, tmp_path):
    listed.write_text(opml(outline("https://c.example/", "C", "Folder")))
    path = tmp_path / "headlined.yaml"
    path.write_text(CONF)
    return path


@pytest.mark.short
def test_export(conf, tmp_path):
    """export writes the configured feeds as OPML 2.0, those of lists too"""
    to = tmp_path / "out.opml"
    done = headlinectl("opml", "export", "-c", conf, to)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "headlinectl: 1 watched file left out\n"
    root = ElementTree.parse(to).getroot()
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    top = root.find("body").findall("outline")
    assert [o.get("text") for o in top] == ["https://b.example/", "Folder",
                                            "world"]
    inside = top[2].find("outline")
    assert inside.attrib == {"type": "rss", "text": "A & <B>",
                             "xmlUrl": "https://a.example/?x=1&y=2",
                             "category": "en"}
    assert import_json(to) == [
        {"url": "https://b.example/", "tags": []},
        {"url": "https://c.example/", "name": "C",
         "tags": ["Folder", "imported"]},
        {"url": "https://a.example/?x=1&y=2", "name": "A & <B>",
         "tags": ["world", "en"]}]
    assert headlinectl("opml", "export", "-c", conf,
                       "-").stdout == to.read_text()


def test_export_keeps_what_is_there(conf, tmp_path):
    """a file that stands there is written over with --force only, in one
    step, and nothing else is left behind"""
    to = tmp_path / "out.opml"
    to.write_text("mine")
    before = sorted(os.listdir(tmp_path))
    done = headlinectl("opml", "export", "-c", conf, to)
    assert done.returncode == 1
    assert done.stderr == (f"headlinectl: {to}: stands there already "
                           "(--force writes over it)\n")
    assert to.read_text() == "mine"
    done = headlinectl("opml", "export", "--force", "-c", conf, to)
    assert done.returncode == 0
    assert to.read_text().startswith("<?xml")
    assert sorted(os.listdir(tmp_path)) == before
    done = headlinectl("opml", "export", "-c", conf, tmp_path / "no" / "o")
    assert done.returncode == 1
    assert "No such file or directory" in done.stderr


def test_export_of_a_faulty_configuration(conf, tmp_path):
    """with a fault in the configuration nothing is written"""
    conf.write_text(CONF.replace("https://b.example/", "ftp://b.example/"))
    done = headlinectl("opml", "export", "-c", conf, tmp_path / "o.opml")
    assert done.returncode == 2
    assert "not an http or https URL" in done.stderr
    assert not (tmp_path / "o.opml").exists()


# In the configuration

@pytest.mark.short
def test_check(listed, tmp_path):
    """--check reads lists, and names their lines"""
    path = tmp_path / "headlined.yaml"
    path.write_text("feeds: [{opml: feeds.opml, tags: [imported]}]\n" +
                    TOPICS)
    done = headlined("-c", path, "--check")
    assert done.returncode == 0, done.stderr
    assert "ok (3 feeds" in done.stdout
    assert f"{listed}:17: warning: outline \"Mail\": mailto:a@a.example: " \
        "not an http or https URL; left out\n" in done.stderr
    listed.write_text(LIST.replace("mailto:", "https://"), "latin-1")
    done = headlined("-c", path, "--check")
    assert done.returncode == 0, done.stderr
    assert "ok (4 feeds" in done.stdout
    assert "1 of its feeds stand more than once" in done.stderr
    listed.unlink()
    done = headlined("-c", path, "--check")
    assert done.returncode == 2
    assert re.search(r"headlined.yaml:1:16: feeds.opml: .*feeds.opml: cannot "
                     "open: No such file or directory", done.stderr)


def conf_of_list(receiver, topics):
    """Topics by name: the tags and names of feeds they look at."""
    return {"feeds": [{"opml": "feeds.opml", "tags": ["imported"],
                       "every": "1s"}],
            "topics": {name: {"match": "peace", "feeds": chosen,
                              "notify": "desk"}
                       for name, chosen in topics.items()},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def alerts(receiver):
    return sorted((e["subject"], e["data"]["item"]["title"])
                  for e in receiver.alerts())


def serve(feeds, path):
    """A feed with one item, whose title ends in its path."""
    return feeds.set(path, Answer(rss(rss_item(path[1:],
                                               f"Peace {path}"))))


def reload(one):
    return headlinectl("reload", "--socket", one.socket)


@pytest.mark.short
def test_daemon(daemon, feeds, receiver, tmp_path):
    """the feeds of a list are polled; folders, added tags and names choose
    them for topics; a reload reads the list anew, and refuses a bad one"""
    a, b, c = (serve(feeds, f"/{n}") for n in "abc")
    listed = tmp_path / "feeds.opml"
    listed.write_text(opml(outline(a, "A", "World"), outline(b, "Bee")))
    one = daemon(conf_of_list(receiver, {
        "world": ["World"], "all": ["imported"], "bee": ["Bee"]}))
    want = [("all", "Peace /a"), ("all", "Peace /b"), ("bee", "Peace /b"),
            ("world", "Peace /a")]
    wait_until(lambda: len(alerts(receiver)) >= 4, "alerts")
    assert alerts(receiver) == want

    listed.write_text(opml(outline(a, "A", "World"), outline(b, "Bee"),
                           outline(c, "C", "World")))
    done = reload(one)
    assert done.returncode == 0, done.stderr
    want += [("all", "Peace /c"), ("world", "Peace /c")]
    wait_until(lambda: len(alerts(receiver)) >= 6, "alerts of the new feed")
    assert alerts(receiver) == sorted(want)

    listed.write_text("<html>Log in</html>")
    done = reload(one)
    assert done.returncode == 1
    assert "an HTML page, not an OPML list of feeds" in done.stderr + \
        done.stdout
    polls = len(feeds.requests_of("/c"))
    wait_until(lambda: len(feeds.requests_of("/c")) > polls + 1,
               "polls of the feeds from before")
    assert alerts(receiver) == sorted(want)


def test_odd_address(daemon, feeds, receiver, tmp_path):
    """an outline whose address is no feed's holds up neither start nor
    reload: it is left out, and the log names it"""
    a, b = (serve(feeds, f"/{n}") for n in "ab")
    listed = tmp_path / "feeds.opml"
    listed.write_text(opml(outline("about:blank", "Old site"),
                           outline(a, "A", "World")))
    one = daemon(conf_of_list(receiver, {"world": ["World"],
                                         "old": ["Old site"]}))
    wait_until(lambda: len(alerts(receiver)) == 1, "an alert")
    listed.write_text(opml(outline(a, "A", "World"), outline(b, "B", "World"),
                           outline("ftp://x.example/", "X", "World")))
    one.configure(conf_of_list(receiver, {"world": ["World"]}))
    done = reload(one)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: alerts(receiver) == [("world", "Peace /a"),
                                            ("world", "Peace /b")],
               "the alert of the new feed")
    assert not one.status()["degraded"]
    log = one.log()
    assert 'feeds.opml:2: warning: outline' in log
    assert "feeds.opml:4" in log
    assert "ftp://x.example/: not an http or https URL; left out" in log


def test_start_with_a_bad_list(daemon, feeds, receiver, tmp_path):
    """a start without its list, or with a part of it, watches all else and
    says what is left out; the topics stay"""
    a, own = serve(feeds, "/a"), serve(feeds, "/own")
    config = conf_of_list(receiver, {"world": ["World", "own"]})
    config["feeds"].append({"url": own, "tags": ["own"], "every": "1s"})
    one = daemon(config)
    wait_until(lambda: alerts(receiver) == [("world", "Peace /own")],
               "the feed beside the list")
    status = one.status()
    assert status["degraded"]
    assert "cannot open: No such file or directory" in status["faults"][0]
    (tmp_path / "feeds.opml").write_text(opml(
        outline(a, "A", "World"))[:-len("</body></opml>\n")])
    one.stop()
    one.start()
    wait_until(lambda: alerts(receiver) == [("world", "Peace /a"),
                                            ("world", "Peace /own")],
               "the feed of the list")
    faults = one.status()["faults"]
    assert len(faults) == 1
    assert "the document ends before its </opml>" in faults[0]
    (tmp_path / "feeds.opml").write_text(opml(outline(a, "A", "World")))
    assert reload(one).returncode == 0
    assert not one.status()["degraded"]


def test_export_keeps_what_it_may_not_spoil(tmp_path):
    """a link or a pipe is not written over, a file keeps its mode, and a new
    one with a password is its owner's alone"""
    conf = tmp_path / "headlined.yaml"
    conf.write_text("feeds: ['https://u:secret@a.example/']\n",
                    encoding="utf-8")
    to, link, pipe = (tmp_path / n for n in ("to", "link", "pipe"))
    link.symlink_to(to)
    os.mkfifo(pipe)
    export = ["opml", "export", "--force", "-c", conf]
    for place in link, pipe:
        done = headlinectl(*export, place)
        assert done.returncode == 1
        assert "no regular file (- writes to standard output)" in done.stderr
    assert headlinectl(*export, to).returncode == 0
    assert to.stat().st_mode & 0o777 == 0o600
    to.chmod(0o640)
    assert headlinectl(*export, to).returncode == 0
    assert to.stat().st_mode & 0o777 == 0o640
