"""What a record must satisfy before it is stored. Pure; messages say what to do."""

from dataclasses import fields
from typing import Any

from matcher.controlled_lists import cooperation_modes
from matcher.errors import InvalidInputError
from matcher.models import NEED_KINDS, Need, Record
from matcher.policy import VISIBILITIES

LONGEST = {
    "title": 300,
    "description": 50_000,
    "summary": 2_000,
    "organisation": 200,
    "field": 100,
    "region": 100,
    "team": 200,
    "conditions": 5_000,
    "present_state": 5_000,
    "decision_owner": 100,
}
MOST_KEYWORDS = 50
MOST_INDICATORS = 50
_LONGEST_ITEM = 500
_LONGEST_OTHER = 200
MOST_YUAN = 10**12


def check_record(record: Record) -> None:
    """Raises: InvalidInputError naming every field that breaks a rule."""
    problems = text_problems(record) | _number_problems(record)
    if not record.title.strip():
        problems["title"] = "请填写标题：一句话说明要解决什么或提供什么"
    for name, most in (("keywords", MOST_KEYWORDS), ("indicators", MOST_INDICATORS)):
        items = getattr(record, name)
        if len(items) > most:
            problems[name] = f"共 {len(items)} 项，最多 {most} 项，请合并或删去一些"
        elif any(len(item) > _LONGEST_ITEM or _is_broken(item) for item in items):
            problems[name] = f"有一项超过 {_LONGEST_ITEM} 字或含无法显示的字符，请改短或删去"
    if unknown := [mode for mode in record.modes if mode not in cooperation_modes()]:
        problems["modes"] = (
            f"“{unknown[0]}”不是合作方式；可选：{'、'.join(e.name for e in cooperation_modes().entries)}"
        )
    if isinstance(record, Need) and record.need_kind not in NEED_KINDS:
        problems["need_kind"] = f"“{record.need_kind}”不是需求类型；可选：{'、'.join(NEED_KINDS.values())}"
    problems |= _disclosure_problems(record)
    if problems:
        raise InvalidInputError(problems)


def _disclosure_problems(record: Record) -> dict[str, str]:
    """Return what is wrong with who may read: nobody named, or a name in what everybody reads."""
    if record.visibility not in VISIBILITIES:
        return {"visibility": f"“{record.visibility}”不是可选的范围，请选{'、'.join(VISIBILITIES.values())}之一"}
    if record.visibility == "public":
        return {}
    problems = {}
    if record.visibility == "named" and not record.named_ids:
        problems["named"] = "选了“只给指定的单位看全文”，请至少写一个单位的全称，一行一个"
    hidden = {"专利号或登记号": getattr(record, "ip_number", "")}
    hidden |= {} if record.shows_organisation else {"单位名称": record.organisation}
    for name in ("title", "summary"):
        for what, text in hidden.items():
            if text and text in getattr(record, name):
                problems[name] = f"所有人都看得到这里，却写有{what}“{text}”。请删去，或放宽全文的阅读范围"
    return problems


def text_problems(value: Any) -> dict[str, str]:
    """Return, by field, what keeps the texts of a record or of a part of one from being stored."""
    problems = {}
    for item in fields(value):
        text = getattr(value, item.name)
        if not isinstance(text, str):
            continue
        longest = LONGEST.get(item.name, LONGEST["description"] if item.name in _LONG_TEXTS else _LONGEST_OTHER)
        if problem := text_problem(text, longest):
            start = f"（现以“{text[:12]}…”开头）" if len(text) > longest else ""
            problems[item.name] = problem + start
    return problems


def text_problem(text: str, longest: int) -> str:
    """Return what keeps a text from being stored, in words; "" when nothing does."""
    if len(text) > longest:
        return f"共 {len(text)} 字，最多 {longest} 字，请改短"
    return "含有空字符（NUL）或残缺的字符，请删去后再提交" if _is_broken(text) else ""


_LONG_TEXTS = ("expected_results", "note", "ip_ownership", "evidence")


def _is_broken(text: str) -> bool:
    """True when SQLite or a page could not give the text back as it is."""
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


def _number_problems(record: Record) -> dict[str, str]:
    problems = {}
    if record.maturity is not None and not 1 <= record.maturity <= 9:
        problems["maturity"] = f"技术成熟度“{record.maturity}”不在 1 到 9 之间，请改正或留空"
    money = "budget_yuan" if record.kind == "need" else "asking_price_yuan"
    return problems | amount_problem(money, getattr(record, money))


def amount_problem(name: str, yuan: int | None) -> dict[str, str]:
    """Return, under `name`, what is wrong with an amount; empty when nothing is."""
    if yuan is None or 0 <= yuan <= MOST_YUAN:
        return {}
    return {name: f"金额 {yuan / 10_000:g} 万元不在 0 到 1 亿万元之间，请核对单位（万元）"}
