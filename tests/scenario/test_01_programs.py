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
