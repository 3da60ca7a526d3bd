# SPDX-License-Identifier: ISC
"""A PostgreSQL of one's own: in a folder of its own, on a Unix socket, with
nothing that outlives it. It refuses to run as root, so that root's belongs to
nobody."""
import ctypes
import glob
import os
import pwd
import re
import signal
import subprocess
import tempfile

from harness import wait_until

START_S = 120
DATABASE = "postgres"
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)


def die_with_us():
    """In a child: no process outlives this one. By PostgreSQL's SIGQUIT, at
    which it takes its own children with it."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def find_programs():
    """The folder of the newest that Debian has installed, or None."""
    folders = [os.path.dirname(path) for path in
               glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    return max(folders, default=None,
               key=lambda path: int(re.search(r"\d+", path).group()))


def as_whom():
    """Who the server is: arguments of subprocess, and a user's number."""
    if os.geteuid() != 0:
        return {}, os.geteuid()
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid,
            "extra_groups": []}, nobody.pw_uid


class Failed(Exception):
    """PostgreSQL says no."""


class Postgresql:
    """A server, from here to its stop()."""

    def __init__(self):
        self.programs = find_programs()
        self.who, uid = as_whom()
        self.process = None
        # Sockets have short names, and nobody enters a folder of root's.
        self.folder = tempfile.mkdtemp(prefix="headlined-pg-", dir="/tmp")
        os.chown(self.folder, uid, -1)
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        # However this process ends, nothing stays in /tmp.
        self.sweeper = subprocess.Popen(
            ["sh", "-c", 'cat; while ! rm -rf "$1"; do :; done', "sh",
             self.folder], stdin=subprocess.PIPE, start_new_session=True)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def program(self, name):
        return os.path.join(self.programs, name)

    def start(self):
        # C.UTF-8: letters of all scripts have a lower case.
        done = subprocess.run(
            [self.program("initdb"), "-D", self.data, "-A", "trust", "-U",
             DATABASE, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            capture_output=True, text=True, check=False, cwd=self.folder,
            **self.who)
        if done.returncode != 0:
            raise Failed(f"initdb: {done.stderr}")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [self.program("postgres"), "-D", self.data, "-k",
                 self.folder, "-F", "-c", "listen_addresses=",
                 "-c", "max_parallel_workers_per_gather=0",
                 "-c", "jit=off", "-c", "work_mem=64MB"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, preexec_fn=die_with_us, **self.who)
        wait_until(self.is_ready, "PostgreSQL to be ready", START_S)

    def is_ready(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8") as log:
                raise Failed(f"postgres ended: {log.read()}")
        return self.psql("SELECT 1").returncode == 0

    def psql_argv(self):
        """A program that reads SQL and prints rows, columns by tabs."""
        return [self.program("psql"), "-X", "-q", "-A", "-t", "-F", "\t",
                "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", DATABASE,
                "-d", DATABASE]

    def psql(self, text, limit_s=START_S):
        return subprocess.run(
            self.psql_argv(), input=text, capture_output=True, text=True,
            encoding="utf-8", timeout=limit_s, check=False)

    def ask(self, text, limit_s=900):
        """What a piece of SQL answers: lists of columns."""
        done = self.psql(text, limit_s)
        if done.returncode != 0:
            raise Failed(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(60)
        self.sweeper.stdin.close()
        self.sweeper.wait(60)


def copy_rows(table, rows):
    """SQL that fills a table (texts of one line, without backslashes)."""
    return (f"COPY {table} FROM STDIN;\n" +
            "".join("\t".join(map(str, row)) + "\n" for row in rows) + "\\.\n")
