# SPDX-License-Identifier: ISC
"""Plays a power cut on the files of a store that a daemon under power_vfs.so
(tests/tools/power_vfs.c) has left behind: what was not synced is kept, dropped
or torn."""
import os
import struct

RECORD = struct.Struct("=IIqqqq")
MAGIC = 0x64727770
CREATE, WRITE, TRUNCATE = 1, 2, 3
SECTOR = 512

# How one disk behaves in one cut.
MOODS = ("kept", "dropped", "in order", "at random", "at random", "torn")


def read_records(path):
    """What was done to a file since its last sync, oldest first. The last
    record may be cut short: then it was not done."""
    with open(path, "rb") as log:
        data = log.read()
    records, at = [], 0
    while at + RECORD.size <= len(data):
        magic, kind, offset, length, before, n_old = \
            RECORD.unpack_from(data, at)
        assert magic == MAGIC, f"{path}: no record at {at}"
        at += RECORD.size
        if at + n_old > len(data):
            break
        records.append((kind, offset, length, before, data[at:at + n_old]))
        at += n_old
    return records


def undo(file, records):
    """Back to what was synced; the changes that were taken back, in their
    order, with what they wrote."""
    changes = []
    for kind, offset, length, before, old in reversed(records):
        new = b""
        if kind == WRITE:
            new = os.pread(file, length, offset)
        if kind != CREATE:
            os.pwrite(file, old, offset)
            os.ftruncate(file, before)
        changes.append((kind, offset, new))
    return changes[::-1]


def write_torn(file, offset, new, rng):
    """Each sector of a write reached the disk or did not."""
    at = 0
    while at < len(new):
        end = min(len(new), (offset + at) // SECTOR * SECTOR + SECTOR -
                  offset)
        if rng.random() < 0.5:
            os.pwrite(file, new[at:end], offset + at)
        at = end


def choose_fates(mood, n, rng):
    if mood == "in order":
        kept = rng.randrange(n + 1)
        return [("kept" if i < kept else "torn" if i == kept else "dropped")
                for i in range(n)]
    if mood == "at random":
        return [rng.choice(("kept", "dropped", "torn")) for _ in range(n)]
    return [mood] * n


def redo(file, changes, mood, rng):
    """False: the file itself is not there after the cut."""
    fates = choose_fates(mood, len(changes), rng)
    for (kind, offset, new), fate in zip(changes, fates):
        if kind == CREATE and fate != "kept" and rng.random() < 0.5:
            return False
        if kind == TRUNCATE and fate == "kept":
            os.ftruncate(file, offset)
        elif kind == WRITE and fate == "kept":
            os.pwrite(file, new, offset)
        elif kind == WRITE and fate == "torn":
            write_torn(file, offset, new, rng)
    return True


def cut_file(path, rng):
    """How many changes of this file hung in the air."""
    log = path + ".undo"
    if not os.path.exists(log):
        return 0
    records = read_records(log)
    os.unlink(log)
    if not os.path.exists(path):
        return 0
    file = os.open(path, os.O_RDWR)
    try:
        changes = undo(file, records)
        is_there = redo(file, changes, rng.choice(MOODS), rng)
    finally:
        os.close(file)
    if not is_there:
        os.unlink(path)
    return len(changes)


def cut_ghost(path, rng):
    """A deleted file whose directory was not synced may be there again."""
    ghost = path + ".ghost"
    if not os.path.exists(ghost):
        return
    if not os.path.exists(path) and rng.random() < 0.5:
        os.rename(ghost, path)
    else:
        os.unlink(ghost)


def cut_claims(path, rng):
    """The table of claims is never synced: any part of it may be old."""
    if not os.path.exists(path):
        return
    size = os.path.getsize(path)
    dice = rng.random()
    if dice < 0.2:
        os.unlink(path)
    elif dice < 0.4:
        os.truncate(path, rng.randrange(size + 1))
    elif dice < 0.7 and size > 0:
        with open(path, "r+b") as file:
            file.seek(rng.randrange(size) // SECTOR * SECTOR)
            file.write(rng.choice((bytes(SECTOR), rng.randbytes(SECTOR)))
                       [:size - file.tell()])


def cut_power(store, rng):
    """The machine has stopped: what is left of a store. Gives how many
    changes were not synced."""
    if os.path.exists(store + "-shm"):
        os.unlink(store + "-shm")
    for name in ("-wal", "-journal"):
        cut_ghost(store + name, rng)
    cut_claims(store + ".claims", rng)
    return sum(cut_file(store + name, rng)
               for name in ("", "-wal", "-journal"))
