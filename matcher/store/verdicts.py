"""People's levels for matches. One taken back keeps its row; nothing but the history sees it then."""

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from matcher.models import Shown, Verdict
from matcher.store.rows import now_text, to_time

_COLUMNS = (
    "need_id, achievement_id, level, judge, at, shown_rank, shown_probability, shown_level, ranker, undone_at,"
    " need_version, achievement_version"
)
# SQLite takes the other columns from the row that has the greatest id.
_NEWEST = f"select max(id), {_COLUMNS} from verdict where undone_at is null"


def add(db: Database, verdict: Verdict) -> int:
    """Keep one more verdict and return its id; earlier ones of the same judge stay in the history."""
    shown, pair = verdict.shown, (verdict.need_id, verdict.achievement_id)
    values = (shown.rank, shown.probability, shown.level, shown.ranker) if shown else (None,) * 4
    row = db.execute(
        "insert into verdict (need_id, achievement_id, level, judge, at,"
        " shown_rank, shown_probability, shown_level, ranker, need_version, achievement_version)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
        (*pair, verdict.level, verdict.judge, now_text(), *values, verdict.need_version, verdict.achievement_version),
    ).fetchone()
    return int(row[0])


def get(db: Database, verdict_id: int) -> Verdict | None:
    """Return the verdict, taken back or not, if it exists."""
    row = db.execute(f"select id, {_COLUMNS} from verdict where id = ?", (verdict_id,)).fetchone()
    return None if row is None else _verdict(row)


def undo(db: Database, verdict_id: int) -> None:
    """Take a verdict back; the one that the same judge gave before counts again."""
    db.execute("update verdict set undone_at = ? where id = ? and undone_at is null", (now_text(), verdict_id))


def latest_of_pair(db: Database, need_id: int, achievement_id: int) -> tuple[Verdict, ...]:
    """Return each judge's newest verdict on a match, newest first."""
    return _fetch(
        db,
        f"{_NEWEST} and need_id = ? and achievement_id = ? group by judge order by 1 desc",
        (need_id, achievement_id),
    )


def latest_of_judge(db: Database, need_id: int, judge: str) -> tuple[Verdict, ...]:
    """Return the newest verdict of one judge on each match of a need, newest first."""
    sql = f"{_NEWEST} and need_id = ? and judge = ? group by achievement_id order by 1 desc"
    return _fetch(db, sql, (need_id, judge))


def latest(db: Database) -> tuple[Verdict, ...]:
    """Return each judge's newest verdict on every match, in the order of needs and achievements."""
    return _fetch(db, f"{_NEWEST} group by need_id, achievement_id, judge order by need_id, achievement_id, judge", ())


def counts_by_need(db: Database, judge: str) -> dict[int, int]:
    """Return need id → how many of its matches the judge has a verdict on; needs without one are left out."""
    rows = db.execute(
        "select need_id, count(distinct achievement_id) from verdict"
        " where undone_at is null and judge = ? group by need_id",
        (judge,),
    )
    return {row[0]: row[1] for row in rows}


def count(db: Database) -> int:
    """Return how many verdicts are kept, those taken back included."""
    total: int = db.execute("select count(*) from verdict").fetchone()[0]
    return total


def _fetch(db: Database, sql: str, values: Sequence[object]) -> tuple[Verdict, ...]:
    return tuple(_verdict(row) for row in db.execute(sql, values))


def _verdict(row: Sequence[Any]) -> Verdict:
    verdict_id, need_id, achievement_id, level, judge, at, rank, probability, shown_level, ranker, undone_at, *of = row
    return Verdict(
        id=verdict_id,
        need_id=need_id,
        achievement_id=achievement_id,
        level=level,
        judge=judge,
        at=to_time(at),
        shown=Shown(rank=rank, probability=probability, level=shown_level, ranker=ranker) if ranker else None,
        undone_at=to_time(undone_at) if undone_at else None,
        need_version=of[0],
        achievement_version=of[1],
    )
