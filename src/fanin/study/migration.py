"""Stores of older versions, made into one of this: step by step, each in one transaction."""

import json
import sqlite3
from collections.abc import Callable

from fanin.values import Trial

OLDEST, VERSION = 2, 3
"""Version 1 was never released."""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a store of an older version to this one; a kill in between leaves the old one, whole.

    Raises:
        KeyError: a version that no step leads from.
    """
    for old in range(version, VERSION):
        step = _STEPS[old]
        connection.execute("BEGIN IMMEDIATE")
        try:
            step(connection)
            connection.execute(f"PRAGMA user_version = {old + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _from_2(connection: sqlite3.Connection) -> None:
    """A trial got more settings, and so another hash."""
    for old, text in connection.execute("SELECT id, trial FROM trials").fetchall():
        trial = Trial.from_json(json.loads(text))
        connection.execute("UPDATE trials SET id = ?, trial = ? WHERE id = ?", (trial.id, _text(trial), old))
        connection.execute("UPDATE epochs SET trial = ? WHERE trial = ?", (trial.id, old))


def _text(trial: Trial) -> str:
    return json.dumps(trial.to_json())


_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {2: _from_2}
