# SPDX-License-Identifier: ISC
"""headlinectl stories: copies of one text, reports of one story."""
import json

import pytest

from harness import headlinectl

FIRST = """\
Gunmen kill 114 people in Moptia market
Gunmen killed at least 114 people at a market in Moptia on Tuesday, governor \
Aki Senn said. "They came on motorcycles at noon and shot at everybody," \
trader Ilu Vare said. The army sent 1,350 soldiers and closed the road to \
Tankela, where 36 stalls had burned.
"""
SPUN = """\
Horror in Moptia: 114 dead as market burns
No fewer than 114 individuals perished on Tuesday when armed men stormed the \
market of Moptia, according to governor Aki Senn. Some 1,350 troops were \
dispatched, and the road that leads to Tankela is shut. Trader Ilu Vare \
stated the attackers "came on motorcycles at noon and shot at everybody". 36 \
stalls went up in flames.
"""
OTHER = """\
Moptia counts its dead after market attack
In Moptia people dug graves all night. Survivors of Tuesday's attack on the \
market said the gunmen had asked for the mayor, Oru Dast, before they opened \
fire. Hospitals near Tankela ran out of blood, a doctor said, and the governor \
declared three days of mourning.
"""
APART = """\
Wheat harvest in Velmark beats forecast
Farmers in Velmark brought in 2.75 million tonnes of wheat this summer, the \
farm ministry said on Friday, after a wet spring along the river Selt.
"""
PAGE = """\
<!DOCTYPE html><html><head><title>{}</title></head><body><p>{}</p></body></html>
"""
FEED = """\
<rss version="2.0"><channel><title>F</title>
<item><guid>1</guid><title>{}</title><description>{}</description></item>
<item><guid>2</guid><title>{}</title><description>{}</description></item>
</channel></rss>
"""


@pytest.fixture(name="texts")
def fixture_texts(tmp_path):
    """Five files: a text, a spun copy, another report, another event, and
    the text again under another title."""
    texts = [FIRST, SPUN, OTHER, APART,
             "One more title\n" + FIRST.split("\n", 1)[1]]
    paths = [tmp_path / f"{i}.txt" for i in range(len(texts))]
    for path, text in zip(paths, texts):
        path.write_text(text, encoding="utf-8")
    return [str(path) for path in paths]


def stories(*files):
    done = headlinectl("stories", "--json", *files)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.short
def test_json(texts):
    """each article has its story, what it is a copy of, and why"""
    first, spun, other, apart, again = found = stories(*texts)
    assert [a["source"] for a in found] == texts
    assert first["title"] == "Gunmen kill 114 people in Moptia market"
    assert first["copy_of"] is first["why"] is first["like"] is None
    assert spun["story"] == other["story"] == again["story"] == first["story"]
    assert apart["story"] != first["story"]
    assert spun["copy_of"] == again["copy_of"] == texts[0]
    assert "same 3 numbers" in spun["why"] and "quoted" in spun["why"]
    assert again["why"] == "same words"
    assert other["copy_of"] is None and other["like"] in texts
    assert "term" in other["why"]


def test_same_again(texts):
    """the same files have the same stories, wherever they lie"""
    ids = [a["story"] for a in stories(*texts)]
    assert [a["story"] for a in stories(*texts)] == ids
    assert stories(texts[3])[0]["story"] == ids[3]


@pytest.mark.short
def test_people(texts):
    """for people: story by story, with copies and reasons below"""
    done = headlinectl("stories", *texts)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].endswith(": 4 articles, 2 of them copies")
    assert lines[1] == f"  {texts[0]}: Gunmen kill 114 people in Moptia market"
    assert lines[3].startswith(f"    copy of {texts[0]}: same 3 numbers")
    assert lines[-2].endswith(": 1 article")
    assert lines[-1] == f"  {texts[3]}: Wheat harvest in Velmark beats forecast"


def test_formats(texts, tmp_path):
    """pages and feeds are read as match reads them"""
    page, feed = tmp_path / "p.html", tmp_path / "f.xml"
    page.write_text(PAGE.format(*SPUN.strip().split("\n")), encoding="utf-8")
    feed.write_text(FEED.format(*OTHER.strip().split("\n"),
                                *APART.strip().split("\n")),
                    encoding="utf-8")
    found = stories(texts[0], str(page), str(feed))
    assert [a["source"] for a in found] == [
        texts[0], str(page), str(feed), str(feed)]
    assert found[1]["copy_of"] == texts[0]
    assert found[2]["story"] == found[0]["story"] != found[3]["story"]


def test_stdin():
    """'-' is standard input; a headline alone will do, and so will nothing"""
    done = headlinectl("stories", "--json", "-", stdin="Only a headline\n")
    assert json.loads(done.stdout)[0]["title"] == "Only a headline"
    done = headlinectl("stories", "--json", "-", stdin="")
    assert done.returncode == 0, done.stderr


def test_usage(tmp_path):
    """wrong usage is 2; a file that is not there, 1"""
    assert headlinectl("stories").returncode == 2
    assert headlinectl("stories", "--explain", "-").returncode == 2
    done = headlinectl("stories", tmp_path / "none.txt")
    assert done.returncode == 1 and "none.txt" in done.stderr
