"""Background jobs and who holds them. A lease that ran out lets the next worker in; a lost one changes nothing."""

from typing import Any

from sqlite_utils import Database

from matcher.job import OPEN, Job
from matcher.models import Page
from matcher.store.rows import list_text, now_text, to_time, to_tuple

_COLUMNS = (
    "id, public_id, kind, state, done, total, message, errors, worker, lease_until, attempts, created_by, created_at,"
    " started_at, finished_at"
)
_IS_OPEN = f"state in ({', '.join(repr(state) for state in OPEN)})"
_MOST_ERRORS = 50


def add(db: Database, public_id: str, kind: str, created_by: str) -> Job:
    """Store a new job that waits and return it; there is one open job of a kind at most."""
    db.execute(
        "insert into job (public_id, kind, created_by, created_at) values (?, ?, ?, ?)",
        (public_id, kind, created_by, now_text()),
    )
    made = find(db, public_id)
    assert made is not None
    return made


def find(db: Database, public_id: str) -> Job | None:
    """Return the job with this public id, if any."""
    return next(iter(_fetch(db, "where public_id = ?", [public_id])), None)


def open_of_kind(db: Database, kind: str) -> Job | None:
    """Return the job of this kind that is not finished, if any."""
    return next(iter(_fetch(db, f"where kind = ? and {_IS_OPEN}", [kind])), None)


def newest_of_kind(db: Database, kind: str) -> Job | None:
    """Return the job of this kind that was begun last, if any."""
    return next(iter(_fetch(db, "where kind = ? order by id desc limit 1", [kind])), None)


def count_open(db: Database) -> int:
    """Return how many jobs are not finished."""
    return int(db.execute(f"select count(*) from job where {_IS_OPEN}").fetchone()[0])


def listing(db: Database, state: str, number: int, size: int) -> Page[Job]:
    """Return page `number` (from 1) of the jobs, newest first; with `state`, of those in it."""
    total = db.execute("select count(*) from job where ? in ('', state)", [state]).fetchone()[0]
    found = _fetch(db, "where ? in ('', state) order by id desc limit ? offset ?", [state, size, (number - 1) * size])
    return Page(items=tuple(found), total=total, number=number, size=size)


def claim(db: Database, worker: str, lease_until: str, public_id: str = "") -> Job | None:
    """Give the worker the oldest job that waits or whose lease ran out, or only the named one; None without any."""
    now = now_text()
    row = db.execute(
        "update job set state = 'running', worker = ?, lease_until = ?, attempts = attempts + 1,"
        " started_at = coalesce(started_at, ?) where id = (select id from job where ? in ('', public_id)"
        " and (state = 'waiting' or (state = 'running' and lease_until < ?)) order by id limit 1) returning public_id",
        (worker, lease_until, now, public_id, now),
    ).fetchone()
    return None if row is None else find(db, row[0])


def advance(db: Database, job_id: int, worker: str, lease_until: str, problem: str = "") -> bool:
    """Count one more record as done and renew the lease; False when the worker no longer holds the job."""
    held = _change(
        db,
        job_id,
        worker,
        "done = done + 1, total = max(total, done + 1), lease_until = ?,"
        " errors = case when ? = '' or json_array_length(errors) >= ? then errors"
        " else json_insert(errors, '$[#]', ?) end",
        [lease_until, problem, _MOST_ERRORS, problem],
    )
    return held


def expect(db: Database, job_id: int, worker: str, left: int) -> bool:
    """Note how much is left to do; False when the worker no longer holds the job."""
    return _change(db, job_id, worker, "total = done + ?", [left])


def finish(db: Database, job_id: int, worker: str, state: str, message: str) -> bool:
    """End the work of a worker: done, failed, or waiting for another one; False when it no longer holds the job."""
    finished_at = None if state == "waiting" else now_text()
    return _change(
        db,
        job_id,
        worker,
        "state = ?, message = ?, finished_at = ?, worker = '', lease_until = null",
        [state, message, finished_at],
    )


def stop(db: Database, job_id: int, message: str) -> None:
    """Stop a job; a worker that holds it notices at its next step."""
    db.execute(
        "update job set state = 'stopped', message = ?, worker = '', lease_until = null, finished_at = ? where id = ?",
        (message, now_text(), job_id),
    )


def restart(db: Database, job_id: int) -> None:
    """Let a finished job wait again, where it stood."""
    db.execute(
        "update job set state = 'waiting', message = '', errors = ?, finished_at = null where id = ?",
        (list_text([]), job_id),
    )


def begin_anew(db: Database, job_id: int, total: int) -> None:
    """Count a job of so many records from its beginning."""
    db.execute("update job set done = 0, total = ? where id = ?", (total, job_id))


def _change(db: Database, job_id: int, worker: str, assignments: str, values: list[Any]) -> bool:
    cursor = db.execute(
        f"update job set {assignments} where id = ? and worker = ? and state = 'running'", [*values, job_id, worker]
    )
    return cursor.rowcount == 1


def _fetch(db: Database, clause: str, values: list[Any]) -> list[Job]:
    return [_model(row) for row in db.execute(f"select {_COLUMNS} from job {clause}", values)]


def _model(row: Any) -> Job:
    names = [name.strip() for name in _COLUMNS.split(",")]
    values = dict(zip(names, row, strict=True))
    values["errors"] = to_tuple(values["errors"])
    for name in ("lease_until", "created_at", "started_at", "finished_at"):
        values[name] = to_time(values[name]) if values[name] else None
    return Job(**values)
