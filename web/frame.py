"""What every page shares: the frame's own words, and how values are written for people."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, request

from matcher.clock import ZONE
from matcher.controlled_lists import cooperation_modes, maturity_levels, organisation_kinds, regions, technical_fields
from matcher.cooperation import DIRECTIONS, MILESTONE_STATES, OUTCOME_KINDS, ROLES
from matcher.cooperation import KINDS as COOPERATION_KINDS
from matcher.engagement import END_REASONS, WAITS_FOR
from matcher.models import FLAGS, LEVEL_NAMES, NEED_KINDS, Page, Record
from matcher.workflow import COOPERATION_STATES, ENGAGEMENT_STATES, POSTING_STATUSES
from web import confidence, current, marking
from web.forms import region_path

SITE_NAME = "科技供需对接"
SECTIONS = (
    ("工作台", "desk.queue", "USE_DESK"),
    ("技术需求", "needs.listing", "BROWSE"),
    ("科技成果", "achievements.listing", "BROWSE"),
    ("合作意向", "interests.listing", "READ_INTEREST"),
    ("对接", "engagements.listing", "READ_ENGAGEMENT"),
    ("合作备案", "cooperations.listing", "READ_COOPERATION"),
)
KIND_NAMES = {"need": "技术需求", "achievement": "科技成果"}
BLUEPRINTS = {"need": "needs", "achievement": "achievements"}
# Filters that turn codes into words.
_NAMES: dict[str, Mapping[str, str]] = {
    "engagement_state_name": ENGAGEMENT_STATES,
    "waits_for_name": WAITS_FOR,
    "end_reason_name": END_REASONS,
    "cooperation_kind_name": COOPERATION_KINDS,
    "party_role_name": ROLES,
    "direction_name": DIRECTIONS,
    "milestone_state_name": MILESTONE_STATES,
    "outcome_kind_name": OUTCOME_KINDS,
}


def dress(app: Flask) -> None:
    """Give templates the frame's words and the filters below."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_frame_words)
    app.jinja_env.globals.update(kind_names=KIND_NAMES, blueprints=BLUEPRINTS, level_names=LEVEL_NAMES)
    app.jinja_env.filters.update({name: partial(_named, names) for name, names in _NAMES.items()})
    app.jinja_env.globals.update(need_kinds=NEED_KINDS, flag_names=FLAGS)
    app.jinja_env.filters.update(
        money=money,
        day=day,
        moment=moment,
        facts=facts,
        page_numbers=page_numbers,
        field_name=lambda code: technical_fields().full_name(code),
        region_name=region_name,
        mode_name=lambda code: cooperation_modes().name(code),
        organisation_kind_name=lambda code: organisation_kinds().name(code),
        maturity_name=maturity_name,
        status_name=lambda status: POSTING_STATUSES.get(status, status),
        state_name=lambda state: COOPERATION_STATES.get(state, state),
        confidence=confidence.in_words,
        percent=confidence.percent,
        points=confidence.points_figure,
        marked_spans=marking.marked_spans,
        marked_shared=marking.marked_shared,
        marked_terms=marking.marked_terms,
        term_mark=marking.term_mark,
    )


def _frame_words() -> dict[str, Any]:
    return {
        "site_name": SITE_NAME,
        "site_sections": [(name, at) for name, at, action in SECTIONS if current.allowed_own(action)],
        "site_waiting": current.interests_waiting(),
        "site_unread": current.unread(),
        "site_version": _version(),
        "site_model": _model_name(),
        **current.template_words(),
        "site_query": request.args.get("q", "") if request.endpoint == "searching.results" else "",
    }


def money(yuan: int | None) -> str:
    """Return an amount in 万元 with thousands marks and only the decimals it has; empty when there is none."""
    if yuan is None:
        return ""
    whole, rest = divmod(yuan, 10_000)
    decimals = f".{rest:04d}".rstrip("0") if rest else ""
    return f"{whole:,}{decimals} 万元"


def day(value: date | datetime | None) -> str:
    """Return a date as 2026年11月22日, a time's date as it is in Shanghai; empty when there is none."""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def moment(value: datetime | None) -> str:
    """Return a time in Shanghai as 2026年11月22日 14:05; empty when there is none."""
    return f"{day(value)} {value.astimezone(ZONE):%H:%M}" if value else ""


def region_name(code: str) -> str:
    """Return the division's name with the province and city before it; other text as it is.

    A code that the list lacks keeps standing behind the nearest division that has it.
    """
    known = region_path(code)
    if known != code or not (len(code) == 6 and code.isdecimal()):
        return known
    above = next((above for above in (f"{code[:4]}00", f"{code[:2]}0000") if above in regions()), "")
    return f"{region_path(above)}（{code}）" if above else code


def maturity_name(level: int | str | None) -> str:
    """Return a level with what it means; empty when there is none."""
    return f"{level} 级：{maturity_levels().name(str(level))}" if level else ""


def facts(record: Record) -> list[str]:
    """Return the few facts that stand under a record's title, those not given left out."""
    return [part for part in (record.organisation, technical_fields().name(record.field), *_terms_of(record)) if part]


def _terms_of(record: Record) -> list[str]:
    is_need = record.kind == "need"
    yuan = record.budget_yuan if record.kind == "need" else record.asking_price_yuan
    return [
        f"成熟度{'不低于' if is_need else ''} {record.maturity} 级" if record.maturity else "",
        region_name(record.region),
        "" if yuan is None else f"{'预算' if is_need else '报价'} {money(yuan)}",
        f"截止 {day(record.deadline)}" if record.kind == "need" and record.deadline else "",
    ]


def page_numbers(page: Page[Any]) -> list[int | None]:
    """Return the page numbers to link: the ends and those around the present one; None stands for a gap."""
    near = {1, page.pages, *range(page.number - 2, page.number + 3)}
    numbers: list[int | None] = []
    for number in sorted(number for number in near if 1 <= number <= page.pages):
        if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers


def _named(names: Mapping[str, str], code: str) -> str:
    """Return what a code stands for, or itself when it stands for nothing."""
    return names.get(code, code)


def _version() -> str:
    try:
        return version("tech-matcher")
    except PackageNotFoundError:
        return ""


def _model_name() -> str:
    model = current.service().settings.model
    return "自带模型" if model == "bundled" else model
