"""The store: what goes in comes out; one writer; every kind of wrong file is refused in one line that names it."""

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanin.errors import InputError
from fanin.study import compare, read
from fanin.study.outcome import REVISION, Epoch, Outcome
from fanin.study.store import VERSION, Store

ROW = Epoch(0, 2.25, 0.1, 0.125, (0.1, None), (0.0, 1.0), (None, 1e-30))


def outcome(trial, state="done"):
    rows = tuple(replace(ROW, epoch=k, loss=None if state == "diverged" and k == 2 else 1 / (k + 1)) for k in range(3))
    return Outcome(trial, state, rows if state != "failed" else (), "ValueError: x" if state == "failed" else None, 0.5)


def test_round_trip_and_what_is_done(tmp_path, make_trial):
    outcomes = [outcome(make_trial(seed=i), state) for i, state in enumerate(("done", "diverged", "failed"))]
    trials = [o.trial for o in outcomes]
    with Store(tmp_path / "s.sqlite") as store:
        assert store.done() == set()
        store.add(outcomes)
        store.add_study({"n": 1})
    with Store(tmp_path / "s.sqlite", write=False) as store:
        assert list(store.outcomes(trials)) == outcomes
        assert store.done() == {trials[0].id, trials[1].id}
        assert store.outcomes([make_trial(seed=9)]) == (Outcome(make_trial(seed=9), "pending"),)
        assert store.study() == {"n": 1}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.sqlite", "s.sqlite-lock"]


def test_a_trial_that_failed_is_replaced_and_the_latest_study_wins(make_trial):
    with Store() as store:
        store.add([outcome(make_trial(), "diverged")])
        store.add([outcome(make_trial(), "done")])
        assert store.outcomes([make_trial()])[0].state == "done"
        for n in (1, 2, 1):
            store.add_study({"n": n})
        assert store.study() == {"n": 1}


def test_a_transaction_is_all_or_nothing(make_trial):
    bad = outcome(make_trial(seed=2))
    bad = replace(bad, epochs=(bad.epochs[0], replace(bad.epochs[0], loss=float("nan"))))
    with Store() as store:
        with pytest.raises(InputError):
            store.add([outcome(make_trial()), replace(bad, epochs=(ROW, ROW))])
        assert store.done() == set()


def test_one_writer_any_readers(tmp_path, make_trial):
    path = tmp_path / "s.sqlite"
    code = "import sys; from fanin.study.store import Store; Store(sys.argv[1])"
    with Store(path) as store:
        store.add([outcome(make_trial())])
        second = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
        assert (
            second.stderr.strip()
            .splitlines()[-1]
            .endswith(f"{path} is in use by another process; wait for it, or name another store")
        )
        with Store(path, write=False) as reader:
            assert reader.done() == {make_trial().id}
    subprocess.run([sys.executable, "-c", code, path], check=True)


def test_a_lock_is_not_taken_from_under_the_next_process(tmp_path):
    """One that found the file of a store in use, and waits, gets the same file as one that comes when it is free."""
    path = tmp_path / "s.sqlite"
    with Store(path):
        waiting = sqlite3.connect(tmp_path / "s.sqlite-lock", isolation_level=None)
    waiting.execute("BEGIN EXCLUSIVE")
    with pytest.raises(InputError, match="in use"):
        Store(path)
    waiting.close()
    Store(path).close()


def test_a_store_is_read_where_nothing_can_be_written(tmp_path, make_trial):
    """A link to nowhere, in the place of the log that SQLite makes beside a store, stops root, too."""
    path = tmp_path / "a # and a ?.sqlite"
    with Store(path) as store:
        store.add([outcome(make_trial())])
    log = path.with_name(path.name + "-wal")
    log.symlink_to(tmp_path / "no" / "where")
    with Store(path, write=False) as store:
        assert store.done() == {make_trial().id}
    log.unlink()
    log.mkdir()  # can't be opened either, but there is one: it could be that of a writer that was killed
    with pytest.raises(InputError, match="cannot be used"):
        Store(path, write=False)


def test_what_another_revision_ran_runs_again_and_its_report_stays(tmp_path, make_trial, monkeypatch):
    trial = make_trial()
    with Store(tmp_path / "s.sqlite") as store:
        store.add([outcome(trial)])
        store.add_study({"n": 1})
        monkeypatch.setattr("fanin.study.store.REVISION", REVISION + 1)
        assert store.done() == set()
        assert store.outcomes([trial]) == (outcome(trial),)
        store.add_study({"n": 1})
        assert store.outcomes([trial]) == (Outcome(trial, "pending"),)
        store.add([outcome(trial, "diverged")])
        assert store.done() == {trial.id}
        assert store.outcomes([trial]) == (outcome(trial, "diverged"),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello, I am text\n" * 100, "not a (store of fanin|database)"),
        (b"\0" * 5000, "not a (store of fanin|database)"),
        (b"SQLite format 3\0" + b"\xff" * 4080, "cannot be used"),
    ],
)
def test_what_is_no_store(tmp_path, content, words):
    path = tmp_path / "s.sqlite"
    path.write_bytes(content)
    for write in (True, False):
        with pytest.raises(InputError, match=words) as caught:
            Store(path, write=write)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_somebody_elses_database(tmp_path):
    path = tmp_path / "s.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE mine (x)")
    other.commit()
    other.close()
    for write in (True, False):
        with pytest.raises(InputError, match="not a store of fanin"):
            Store(path, write=write)


def test_another_version(tmp_path):
    path = tmp_path / "s.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(
        InputError, match=f"version {VERSION + 1}; this fanin reads versions 2 to {VERSION}; install a newer fanin"
    ):
        Store(path)


def test_a_missing_or_empty_store_cannot_be_reported(tmp_path):
    path = tmp_path / "s.sqlite"
    with pytest.raises(InputError, match="does not exist"):
        read(path)
    assert not path.exists()
    path.touch()
    with pytest.raises(InputError, match="not a store"):
        read(path)
    Store(path).close()
    with pytest.raises(InputError, match="no study yet"):
        read(path)


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "no" / "folder" / "s.sqlite", tmp_path / "file" / "s.sqlite", tmp_path):
        with pytest.raises(InputError, match=r"cannot be used|not a store") as caught:
            Store(path)
        assert str(path) in str(caught.value)


def test_a_full_disk(tmp_path, make_trial):
    with Store(tmp_path / "s.sqlite") as store:
        store._connection.execute("PRAGMA max_page_count = 8")
        with pytest.raises(InputError, match=r"s\.sqlite cannot be used: database or disk is full"):
            store.add([outcome(make_trial(seed=i)) for i in range(200)])
        assert store.done() == set()


def test_a_write_protected_file(tmp_path, make_trial):
    with Store(tmp_path / "s.sqlite") as store:
        store._connection.execute("PRAGMA query_only = 1")  # a mode bit does not stop root
        with pytest.raises(InputError, match="readonly"):
            store.add([outcome(make_trial())])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_store_gives_one_line_or_what_was_in_it(tmp_path_factory, make_trial, data):
    path = tmp_path_factory.mktemp("store") / "s.sqlite"
    trials = [make_trial(seed=i) for i in range(5)]
    with Store(path) as store:
        store.add([outcome(trial) for trial in trials])
        store.add_study({"n": 1})
    raw = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        first = data.draw(st.integers(0, len(raw) - 1))
        raw[first : first + 64] = data.draw(st.binary(min_size=64, max_size=64))
    path.write_bytes(raw)
    try:
        with Store(path, write=False) as store:
            store.outcomes(trials)
            store.study()
    except InputError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)


def damaged(value):
    """JSON data with one thing missing, for each thing; and with one thing of another kind."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        rest = {k: v for k, v in value.items() if k != key} if isinstance(value, dict) else value[:key]
        yield rest
        for other in (None, "x", *(damaged(value[key]) if isinstance(value[key], (dict, list)) else ())):
            yield {**value, key: other} if isinstance(value, dict) else [*value[:key], other, *value[key + 1 :]]


def test_a_damaged_study_is_one_line_that_names_the_store(tmp_path):
    path = tmp_path / "s.sqlite"
    compare("nielsen", init=["rand"], data="digits", epochs=1, seeds=1, depth=0, store=path)
    connection = sqlite3.connect(path, isolation_level=None)
    ((text,),) = connection.execute("SELECT header FROM studies").fetchall()
    header = json.loads(text)
    del header["arms"][0]["start"]["layers"]  # long, and passed on as it is
    refused = 0
    for wrong in ["{", "[]", "null", *map(json.dumps, damaged(header))]:
        connection.execute("UPDATE studies SET header = ?", (wrong,))
        try:
            read(path)
        except InputError as error:
            assert "\n" not in str(error)
            refused += 1
    connection.close()
    assert refused > 60


def test_rows_are_plain_json(tmp_path, make_trial):
    with Store(tmp_path / "s.sqlite") as store:
        store.add([outcome(make_trial())])
    with sqlite3.connect(tmp_path / "s.sqlite") as connection:
        ((text,),) = connection.execute("SELECT row FROM epochs WHERE epoch = 1").fetchall()
        ((mode,),) = connection.execute("PRAGMA journal_mode").fetchall()
    connection.close()
    assert json.loads(text)["accuracy"] == 0.125
    assert mode == "wal"


def test_a_file_that_sqlite_would_take_for_empty_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("x")
    with pytest.raises(InputError, match="not a store of fanin"):
        Store(path)
    assert path.read_text() == "x"
