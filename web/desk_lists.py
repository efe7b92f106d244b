"""What the address of the desk asks for, and what its rows hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from matcher.controlled_lists import regions, technical_fields
from matcher.models import LEVEL_NAMES, Kind, Record
from matcher.suggestion import QueueFilters, Suggestion
from web.current import seen, service
from web.filters import PAGE_SIZES, Choice
from web.list_addresses import Arguments, one_of, page_of, size_of

_LOT = 500
QUEUES = {"new": "新建议", "mine": "我领取的", "dismissed": "已排除"}
WHOSE = {"": "分给我的和还没有分配的", "mine": "只看分给我的", "everyone": "只看还没有分配的", "others": "别人手上的"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A queue, its filters and its page; `level` 0 stands for the one that the broker set."""

    queue: str = "new"
    level: int = 0
    field: str = ""
    region: str = ""
    whose: str = ""
    page: int = 1
    size: int = PAGE_SIZES[0]


@dataclass(frozen=True, slots=True)
class Row:
    """One suggestion with what the viewer may read of its two sides."""

    suggestion: Suggestion
    need: Record
    achievement: Record


def read(args: Arguments, size: int) -> Asked:
    """Return what the query string asks for; values that make no sense count as not given."""
    level = args.get("level", 0, type=int)
    return Asked(
        queue=one_of(args, "queue", QUEUES, "new"),
        level=level if level in LEVEL_NAMES else 0,
        field=technical_fields().code(args.get("field", "").strip()),
        region=regions().code(args.get("region", "").strip()),
        whose=one_of(args, "whose", WHOSE),
        page=page_of(args),
        size=size_of(args, size),
    )


def filters_of(asked: Asked, least_level: int) -> QueueFilters:
    """Return the filters of the queue of new suggestions."""
    return QueueFilters(
        least_level=asked.level or least_level, field=asked.field, region=asked.region, whose=asked.whose
    )


def field_choices() -> list[Choice]:
    """Return the fields to choose from, those of the first level."""
    return [Choice(value=each.code, name=each.name) for each in technical_fields().children()]


def region_choices() -> list[Choice]:
    """Return the provinces to choose from."""
    return [Choice(value=each.code, name=each.name) for each in regions().children()]


def rows(found: Sequence[Suggestion]) -> tuple[Row, ...]:
    """Return suggestions as rows; one whose records are gone meanwhile is left out."""
    needs = _records("need", [each.need_id for each in found])
    achievements = _records("achievement", [each.achievement_id for each in found])
    return tuple(
        Row(each, needs[each.need_id], achievements[each.achievement_id])
        for each in found
        if each.need_id in needs and each.achievement_id in achievements
    )


def rows_in_lots(found: Sequence[Suggestion]) -> Iterator[Row]:
    """Yield suggestions as rows, of which few are held at once."""
    for start in range(0, len(found), _LOT):
        yield from rows(found[start : start + _LOT])


def _records(kind: str, item_ids: Sequence[int]) -> dict[int, Record]:
    found = service().postings.get_many(cast(Kind, kind), item_ids)
    return {record.id: seen(record) for record in found}
