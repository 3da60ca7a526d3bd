# SPDX-License-Identifier: ISC
"""The programs start, say who they are, and refuse wrong usage with 2."""
import pytest

from harness import headlined, headlinectl

pytestmark = pytest.mark.short


def test_version():
    """headlined --version names the program and its version, and exits 0"""
    done = headlined("--version")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split()[0] == "headlined"
    assert done.stdout.splitlines()[0].split()[1][0].isdigit()


def test_ctl_version():
    """headlinectl --version names the same version"""
    ours = headlinectl("--version").stdout.split()[1]
    assert ours == headlined("--version").stdout.split()[1]


@pytest.mark.parametrize("program", [headlined, headlinectl])
def test_help(program):
    """--help shows the usage on standard output and exits 0"""
    done = program("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ")
    assert done.stderr == ""


@pytest.mark.parametrize("program, arguments", [
    (headlined, ["--no-such-option"]),
    (headlined, ["-c"]),
    (headlined, ["unexpected"]),
    (headlinectl, []),
    (headlinectl, ["no-such-verb"]),
    (headlinectl, ["parse"]),
    (headlinectl, ["parse", "--header", "no colon", "-"]),
    (headlinectl, ["match", "--query", "peace"]),
    (headlinectl, ["status", "unexpected"]),
])
def test_wrong_usage(program, arguments):
    """wrong usage exits 2, says why on standard error and prints nothing"""
    done = program(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "usage" in done.stderr


@pytest.mark.parametrize("arguments, said", [
    (["alerts", "--folow"], "unknown option --folow (did you mean --follow?)"),
    (["feeds", "-json"], "unknown option -json (did you mean --json?)"),
    (["alerts", "--json", "-since", "1h"],
     "unknown option -since (did you mean --since?)"),
    (["alerts", "--json", "-jx"], "unknown option -jx"),
    (["why", "-x"], "unknown option -x"),
    (["parse", "--nothing\x1b=1"], "unknown option --nothing"),
    (["alerts", "--s", "1h"], "--s may be --socket or --since"),
    (["match", "--json=1"], "--json takes no value"),
    (["match", "--query"], "--query needs a value"),
    (["topic", "-c"], "-c needs a FILE"),
    (["stories", "-c", "x.yaml", "a.txt"], "unknown option -c"),
])
def test_wrong_option(arguments, said):
    """an option that is not known is named once, with the nearest one"""
    done = headlinectl(*arguments)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[0] == f"headlinectl {arguments[0]}: {said}"
    assert lines[1].startswith(f"usage: headlinectl {arguments[0]} ")
    assert all(line.startswith("  ") for line in lines[2:])


def test_nearest_verb():
    """a verb that is misspelt is answered with the nearest one"""
    done = headlinectl("alert")
    assert done.returncode == 2
    assert done.stderr == ("headlinectl: no such verb: alert"
                           " (did you mean alerts?)\n")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_no_socket(tmp_path, what):
    """a path of something else is said to be no socket"""
    path = tmp_path / "there"
    path.mkdir() if what == "folder" else path.write_text("x")
    done = headlinectl("status", "--socket", str(path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"headlinectl: {path} is not a socket ")
