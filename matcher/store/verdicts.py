"""People's levels for matches."""

from sqlite_utils import Database

from matcher.models import Verdict
from matcher.store.rows import now_text, to_time


def add(db: Database, verdict: Verdict) -> None:
    """Keep one more verdict; earlier ones of the same judge stay in the history."""
    db.execute(
        "insert into verdict (need_id, achievement_id, level, judge, at) values (?, ?, ?, ?, ?)",
        (verdict.need_id, verdict.achievement_id, verdict.level, verdict.judge, now_text()),
    )


def latest_of_pair(db: Database, need_id: int, achievement_id: int) -> tuple[Verdict, ...]:
    """Return each judge's newest verdict on a match, newest first."""
    rows = db.execute(
        "select max(id), need_id, achievement_id, level, judge, at from verdict"
        " where need_id = ? and achievement_id = ? group by judge order by 1 desc",
        (need_id, achievement_id),
    )
    return tuple(
        Verdict(id=row[0], need_id=row[1], achievement_id=row[2], level=row[3], judge=row[4], at=to_time(row[5]))
        for row in rows
    )


def count(db: Database) -> int:
    """Return how many verdicts are kept."""
    total: int = db.execute("select count(*) from verdict").fetchone()[0]
    return total
