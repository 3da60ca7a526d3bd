# SPDX-License-Identifier: ISC
"""Disks that are full, read-only, failing or slow, and well again."""
import os
import shutil
import subprocess

from harness import preload


def may_mount():
    """May a mount namespace be made here?"""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return False
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt"],
        capture_output=True, check=False).returncode == 0


class SmallDisk:
    """A tmpfs in a mount namespace of its own, which a process of ours holds:
    the daemon may be killed and find it again."""

    def __init__(self, folder, mebibytes=24):
        self.folder = str(folder)
        os.makedirs(self.folder)
        self.holder = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "sh", "-c",
             'mount -t tmpfs -o "$1" none "$2" && echo mounted && read end',
             "sh", f"size={mebibytes}m", self.folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"mounted\n"
        # With its root as well: setns(2) alone would lead out of a chroot.
        self.wrapper = ["nsenter", "-t", str(self.holder.pid), "-m", "-r"]
        self.seen = f"/proc/{self.holder.pid}/root{self.folder}"
        self.env = {}

    def break_down(self):
        """Full to the last page."""
        with open(os.path.join(self.seen, "other"), "ab",
                  buffering=0) as file:
            for size in (1 << 16, 1 << 12):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def heal(self):
        os.unlink(os.path.join(self.seen, "other"))

    def close(self):
        self.holder.communicate()


class BadDisk:
    """What stands in this folder meets faults while they are set."""

    def __init__(self, folder, mode):
        self.folder = str(folder)
        os.makedirs(self.folder)
        self.mode = mode
        self.link = self.folder + ".mode"
        self.wrapper = []
        self.env = {**preload("bad_disk.so"), "BAD_DISK": self.folder,
                    "BAD_DISK_MODE": self.link}

    def break_down(self):
        if not os.path.islink(self.link):
            os.symlink(self.mode, self.link)

    def heal(self):
        os.unlink(self.link)

    def close(self):
        pass
