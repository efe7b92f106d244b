"""Rules of rewards as a TOML file holds them: read, checked, refused in words that name rule and field."""

import re
import tomllib
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from matcher.errors import MatcherError
from matcher.rewards import CONDITIONS, PERS, Rule

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REQUIRED = ("id", "name", "region", "requires", "amount_yuan")


def read_rules(path: str, kinds: tuple[str, ...], outcome_kinds: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules of a file, or with "" those that come with the program, in their order.

    `kinds` and `outcome_kinds` are those that rules may name. Raises: MatcherError that names rule and field.
    """
    where = path or "lists/rewards.toml"
    try:
        source = Path(path) if path else files("matcher") / "lists" / "rewards.toml"
        content = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MatcherError(f"奖励规则文件 {where} 读不出来（{error}），请检查 MATCHER_REWARDS") from error
    except tomllib.TOMLDecodeError as error:
        raise MatcherError(f"奖励规则文件 {where} 不是 TOML：{error}") from error
    rules: list[Rule] = []
    for number, entry in enumerate(_entries(content, where), 1):
        rules.append(_rule(entry, f"奖励规则文件 {where} 的第 {number} 条规则", kinds, outcome_kinds))
    doubles = {rule.id for rule in rules if sum(rule.id == each.id for each in rules) > 1}
    if doubles:
        raise MatcherError(
            f"奖励规则文件 {where}：id “{'、'.join(sorted(doubles))}”用了不止一次，每条规则要有自己的 id"
        )
    return tuple(rules)


def _entries(content: dict[str, Any], where: str) -> list[Any]:
    entries = content.get("rule", [])
    if set(content) - {"rule"} or not isinstance(entries, list):
        raise MatcherError(f"奖励规则文件 {where} 里只能有 [[rule]] 这样的规则")
    return entries


def _rule(entry: Any, where: str, kinds: tuple[str, ...], outcome_kinds: tuple[str, ...]) -> Rule:
    if not isinstance(entry, dict):
        raise MatcherError(f"{where}要写成 [[rule]]")
    if isinstance(entry.get("id"), str):
        where = f"{where}（{entry['id']}）"
    checks = _checks(kinds, outcome_kinds)
    for name in _REQUIRED:
        if name not in entry:
            raise MatcherError(f"{where}缺少 {name}")
    for name, value in entry.items():
        if name not in checks:
            raise MatcherError(f"{where}的 {name} 不认识，可用的有：{'、'.join(checks)}")
        fits, wanted = checks[name]
        if not fits(value):
            raise MatcherError(f"{where}的 {name} = {value!r} 不对：{wanted}")
    lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return Rule(**entry | lists)


def _checks(kinds: tuple[str, ...], outcome_kinds: tuple[str, ...]) -> dict[str, tuple[Callable[[Any], bool], str]]:
    """Return for each field a test of its value, and in words what is wanted."""
    amount = (lambda value: type(value) is int and value > 0, "请写大于 0 的整数，单位是元")
    text = (lambda value: isinstance(value, str) and bool(value.strip()), "请写文字")
    day = (lambda value: type(value) is date, "请写日期，如 2026-01-01，不加引号")
    return {
        "id": (_matches(_ID), "请用小写字母、数字和 -"),
        "name": text,
        "source": text,
        "region": (_matches(re.compile(r"\d{2}|\d{4}|\d{6}")), '请写行政区划代码的前 2、4 或 6 位，如 "130407"'),
        "requires": _several(tuple(CONDITIONS)),
        "amount_yuan": amount,
        "cap_yuan": amount,
        "per": (lambda value: value in tuple(PERS), f"可选：{'、'.join(PERS)}"),
        "kinds": _several(kinds),
        "outcome_kinds": _several(outcome_kinds),
        "signed_from": day,
        "signed_until": day,
    }


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _several(known: tuple[str, ...]) -> tuple[Callable[[Any], bool], str]:
    def fits(value: Any) -> bool:
        return isinstance(value, list) and all(each in known for each in value)

    return fits, f"请写成列表，可选：{'、'.join(known)}"
