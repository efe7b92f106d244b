"""The queue of suggestions as one broker sees it: newest day first, the strongest of a day first, none carried yet."""

from typing import Any

from sqlite_utils import Database

from matcher.models import KINDS, MATCHED_KIND, Filters, Kind, Page
from matcher.policy import Sight
from matcher.store.filtering import where_clause
from matcher.store.suggestions import IS_CARRIED, fetch
from matcher.suggestion import QueueFilters, Suggestion

_DAY = "substr(s.made_at, 1, 10)"
_ORDER = f"{_DAY} desc, s.probability desc, s.id"
_WHOSE = {
    "": "s.owner_id is null or s.owner_id = ?",
    "mine": "s.owner_id = ?",
    "everyone": "s.owner_id is null",
    "others": "s.owner_id <> ?",
}

Condition = tuple[str, list[Any]]


def listing(
    db: Database, account_id: int, filters: QueueFilters, sight: Sight, number: int, size: int
) -> Page[Suggestion]:
    """Return page `number` (from 1) of the new suggestions that a broker may take."""
    where, values = _joined([_new(account_id, filters), *_readable(filters, sight)])
    total = db.execute(f"select count(*) from suggestion s where {where}", values).fetchone()[0]
    items = fetch(db, f"where {where} order by {_ORDER} limit ? offset ?", [*values, size, (number - 1) * size])
    return Page(items=tuple(items), total=total, number=number, size=size)


def to_judge(
    db: Database, account_id: int, judge: str, filters: QueueFilters, sight: Sight, after: Suggestion | None, count: int
) -> tuple[Suggestion, ...]:
    """Return the next `count` new suggestions that the judge has said nothing of, behind one of the queue."""
    conditions = [_new(account_id, filters), *_readable(filters, sight), _unjudged(judge)]
    if after is not None:
        behind = f"({_DAY} < ? or ({_DAY} = ? and (s.probability < ? or (s.probability = ? and s.id > ?))))"
        conditions.append((behind, [after.day, after.day, after.probability, after.probability, after.id]))
    where, values = _joined(conditions)
    return tuple(fetch(db, f"where {where} order by {_ORDER} limit ?", [*values, count]))


def count_to_judge(db: Database, account_id: int, judge: str, filters: QueueFilters, sight: Sight) -> int:
    """Return how many new suggestions the judge has said nothing of."""
    where, values = _joined([_new(account_id, filters), *_readable(filters, sight), _unjudged(judge)])
    return int(db.execute(f"select count(*) from suggestion s where {where}", values).fetchone()[0])


def decided(db: Database, state: str, account_id: int | None, sight: Sight, number: int, size: int) -> Page[Suggestion]:
    """Return one page of those in `state`, the last decided first: of one owner, or of all."""
    mine: Condition = ("? is null or s.owner_id = ?", [account_id, account_id])
    stands = f"s.state = ? and not {IS_CARRIED}"
    where, values = _joined([(stands, [state]), mine, *_readable(QueueFilters(), sight, status="")])
    total = db.execute(f"select count(*) from suggestion s where {where}", values).fetchone()[0]
    items = fetch(
        db,
        f"where {where} order by s.decided_at desc, s.id desc limit ? offset ?",
        [*values, size, (number - 1) * size],
    )
    return Page(items=tuple(items), total=total, number=number, size=size)


def _new(account_id: int, filters: QueueFilters) -> Condition:
    whose = _WHOSE[filters.whose]
    owner = [account_id] if "?" in whose else []
    states = "s.state in ('new', 'taken')" if filters.whose == "others" else "s.state = 'new'"
    return f"{states} and s.level >= ? and ({whose}) and not {IS_CARRIED}", [filters.least_level, *owner]


def _unjudged(judge: str) -> Condition:
    said = "v.need_id = s.need_id and v.achievement_id = s.achievement_id and v.judge = ? and v.undone_at is null"
    return f"not exists (select 1 from verdict v where {said})", [judge]


def _readable(filters: QueueFilters, sight: Sight, status: Any = "published") -> list[Condition]:
    """Return that both sides are in `status`, if one is given, and in sight; field and region are those of the need.

    A published need that became one for anything but technology is not matched any more.
    """
    need_kind = MATCHED_KIND if status else ""
    asked: dict[Kind, Filters] = {
        "need": Filters(field=filters.field, region=filters.region, status=status, need_kind=need_kind),
        "achievement": Filters(status=status),
    }
    conditions: list[Condition] = []
    for kind in KINDS:
        where, values = where_clause(kind, asked[kind], sight)
        joined = f"from {kind} p left join organisation o on o.id = p.organisation_id where p.id = s.{kind}_id"
        conditions.append((f"exists (select 1 {joined} and {where})", values))
    return conditions


def _joined(conditions: list[Condition]) -> Condition:
    sql = " and ".join(f"({text})" for text, _ in conditions)
    return sql, [value for _, values in conditions for value in values]
