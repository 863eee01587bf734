"""What is done, in one SQLite file: trials by id, their epochs, and the studies that asked for them.

One process writes at a time, any number may read. Each finished stack is one transaction, so a kill loses what was in
flight and nothing else.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fanin.errors import InputError
from fanin.study.migration import OLDEST, VERSION, migrate
from fanin.study.outcome import REVISION, Epoch, Outcome
from fanin.values import Trial, codec

_APPLICATION = 0x66616E69  # "fani", in the file's header: this is ours

_TABLES = """
CREATE TABLE trials (
    id TEXT PRIMARY KEY, trial TEXT NOT NULL, state TEXT NOT NULL, error TEXT, seconds REAL NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE epochs (
    trial TEXT NOT NULL REFERENCES trials (id), epoch INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY (trial, epoch)
);
CREATE TABLE studies (id INTEGER PRIMARY KEY, header TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL);
"""


class Store:
    """An open store; a context manager.

    Args:
        path: the file, made if it is not there; None keeps all in memory.
        write: hold the lock that only one process can hold.

    Raises:
        InputError: not a store, damaged, of another version, in use, or a place that cannot be written.
    """

    def __init__(self, path: str | Path | None = None, *, write: bool = True) -> None:
        self.path = None if path is None else Path(path)
        self._write = write
        self._lock: sqlite3.Connection | None = None
        if self.path is not None and not write and not self.path.is_file():
            raise InputError(f"{self.path} does not exist; expected the store of a study")
        with self._clear():
            if self.path is not None and write:
                self._lock = _locked(self.path)
            self._connection = _connected(self.path, write)
        try:
            with self._clear():
                self._open()
        except InputError:
            self.close()
            raise

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
        if self._lock is not None:
            self._lock.close()

    def done(self) -> set[str]:
        """Ids of the trials that need not run again. One that failed, or ran in another revision, is tried again."""
        query = "SELECT id FROM trials WHERE state != 'failed' AND revision = ?"
        with self._clear():
            return {row[0] for row in self._connection.execute(query, (REVISION,))}

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Write finished trials, all or none."""
        with self._transaction() as write:
            for outcome in outcomes:
                key, trial = outcome.trial.id, json.dumps(outcome.trial.to_json())
                write("DELETE FROM epochs WHERE trial = ?", (key,))
                write(
                    "INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?)",
                    (key, trial, outcome.state, outcome.error, outcome.seconds, REVISION),
                )
                for row in outcome.epochs:
                    text = json.dumps(codec.encode(row), allow_nan=False)
                    write("INSERT INTO epochs VALUES (?, ?, ?)", (key, row.epoch, text))

    def outcomes(self, trials: Iterable[Trial]) -> tuple[Outcome, ...]:
        """The outcome of each trial in the revision of the latest study, `pending` for one that has none."""
        with self._clear():
            row = self._connection.execute("SELECT revision FROM studies ORDER BY id DESC LIMIT 1").fetchone()
            return tuple(self._outcome(trial, row[0] if row else REVISION) for trial in trials)

    def add_study(self, header: Mapping[str, Any], instead: Mapping[str, Any] | None = None) -> None:
        """Write what a study is, as the latest one; `instead` of what it was a moment ago, if it has grown."""
        text, old = (json.dumps(each, sort_keys=True, allow_nan=False) for each in (header, instead))
        with self._transaction() as write:
            write("DELETE FROM studies WHERE header IN (?, ?)", (text, old))
            write("INSERT INTO studies (header, revision) VALUES (?, ?)", (text, REVISION))

    def study(self, number: int | None = None) -> dict[str, Any]:
        """What a study is: the one of a number, counted from 1, or the latest.

        Raises:
            InputError: there is none, or none of this number.
        """
        headers = self.studies()
        if not headers:
            raise InputError(f"{self.path} holds no study yet")
        if number is not None and not 1 <= number <= len(headers):
            raise InputError(f"study {number} of {self.path}: it holds {len(headers)}, counted from 1")
        return headers[-1 if number is None else number - 1]

    def studies(self) -> list[dict[str, Any]]:
        """What all studies are, the latest last."""
        with self._clear():
            return [json.loads(text) for (text,) in self._connection.execute("SELECT header FROM studies ORDER BY id")]

    def _outcome(self, trial: Trial, revision: int) -> Outcome:
        query = "SELECT state, error, seconds FROM trials WHERE id = ? AND revision = ?"
        found = self._connection.execute(query, (trial.id, revision)).fetchone()
        if found is None:
            return Outcome(trial, "pending")
        rows = self._connection.execute("SELECT row FROM epochs WHERE trial = ? ORDER BY epoch", (trial.id,))
        epochs = tuple(codec.decode(Epoch, json.loads(text)) for (text,) in rows)
        return Outcome(trial, found[0], epochs, found[1], found[2])

    def _open(self) -> None:
        if self.path is not None and self.path.stat().st_size and not _has_header(self.path):
            raise InputError(f"{self.path} is not a store of fanin; name another file")
        execute = self._connection.execute
        if self._write and execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            execute("PRAGMA journal_mode = WAL")
            stamp = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {VERSION};"
            self._connection.executescript(f"BEGIN; {_TABLES} {stamp} COMMIT;")
            return
        (application,) = execute("PRAGMA application_id").fetchone()
        (version,) = execute("PRAGMA user_version").fetchone()
        if application != _APPLICATION:
            raise InputError(f"{self.path} is not a store of fanin; name another file")
        if not OLDEST <= version <= VERSION:
            raise InputError(
                f"{self.path} is a store of version {version}; this fanin reads versions {OLDEST} to {VERSION}; "
                f"{'install a newer fanin, or ' if version > VERSION else ''}name another file"
            )
        (health,) = execute("PRAGMA quick_check(1)").fetchone()
        if health != "ok":
            raise InputError(f"{self.path} is damaged: {health.splitlines()[-1]}")
        if version != VERSION:
            self._migrate(version)

    def _migrate(self, version: int) -> None:
        """Bring an older store to this version: the file itself to write, a copy in memory to read."""
        if not self._write:
            copy = sqlite3.connect(":memory:", isolation_level=None)
            self._connection.backup(copy)
            self._connection.close()
            self._connection = copy
        try:
            migrate(self._connection, version)
        except (InputError, ValueError) as error:
            raise InputError(f"{self.path} is damaged: {error}") from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._clear():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _clear(self) -> Iterator[None]:
        """Whatever SQLite says about the file, in one line that names it."""
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            raise InputError(f"the store {self.path} cannot be used: {' '.join(str(error).split())}") from error


def _connected(path: Path | None, write: bool) -> sqlite3.Connection:
    """A connection; to read, also where no file can be made beside the store, as on a read-only medium.

    SQLite makes such files to read, too. Where it can't, nobody writes, and it can be told so; but not if a writer
    that was killed left a log with a part of the content.
    """
    connection = sqlite3.connect(path or ":memory:", isolation_level=None)
    if path is None or write:
        return connection
    try:
        connection.execute("PRAGMA user_version")
        return connection
    except sqlite3.Error as error:
        connection.close()
        if not isinstance(error, sqlite3.OperationalError) or path.with_name(path.name + "-wal").exists():
            raise
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)


def _locked(path: Path) -> sqlite3.Connection:
    """A lock that ends with its process: an open exclusive transaction on an empty file beside the store.

    The file stays: whoever took it away could take it from under a process that has just locked it.
    """
    lock = sqlite3.connect(path.with_name(path.name + "-lock"), isolation_level=None, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if "locked" in str(error):
            raise InputError(f"{path} is in use by another process; wait for it, or name another store") from error
        raise
    return lock


def _has_header(path: Path) -> bool:
    """SQLite takes a file of one byte for an empty database, and overwrites it; it is somebody's file."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"
