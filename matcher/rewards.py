"""Who qualifies for which reward, and what is missing: rules are data, their conditions words of a fixed list. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Per = Literal["record", "outcome"]
PERS: dict[Per, str] = {"record": "每份合作", "outcome": "每项成果"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reward. `region` is the beginning of a GB/T 2260 code; empty lists admit every kind.

    `per` says whether `amount_yuan` is for a record or for each of its outcomes; `cap_yuan` limits a record's sum.
    """

    id: str
    name: str
    region: str
    requires: tuple[str, ...]
    amount_yuan: int
    per: Per = "record"
    kinds: tuple[str, ...] = ()
    outcome_kinds: tuple[str, ...] = ()
    cap_yuan: int | None = None
    signed_from: date | None = None
    signed_until: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome of a cooperation as rules see it."""

    name: str
    kind: str
    has_evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A cooperation record as rules see it."""

    id: int
    title: str
    parties: str
    region: str
    kind: str = ""
    is_over: bool = False
    is_submitted: bool = True
    is_filed: bool = False
    is_completed: bool = False
    signed_on: date | None = None
    starts_on: date | None = None
    has_agreement: bool = False
    registration_number: str = ""
    results: tuple[Result, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a rule gives a record: `count` times the amount, up to the cap; and what is missing for (more of) it."""

    rule: Rule
    deal: Deal
    count: int
    amount_yuan: int
    missing: tuple[str, ...]

    @property
    def year(self) -> int | None:
        """The year in which the agreement was signed, None while that is not filled in."""
        return self.deal.signed_on.year if self.deal.signed_on else None


# Each condition: what it asks, in words, what to say where it is not met, and the test.
CONDITIONS: dict[str, tuple[str, str, Callable[[Deal, date], bool]]] = {
    "signed": (
        "已签订协议",
        "没有填写签订日期，或日期还没到",
        lambda deal, today: deal.signed_on is not None and deal.signed_on <= today,
    ),
    "started": (
        "已开展合作",
        "没有填写开始日期，或合作还没开始",
        lambda deal, today: deal.starts_on is not None and deal.starts_on <= today,
    ),
    "agreement": ("有协议文件", "没有上传协议", lambda deal, _: deal.has_agreement),
    "filed": ("已备案", "还没有备案", lambda deal, _: deal.is_filed),
    "registered": ("技术合同已登记", "没有技术合同登记编号", lambda deal, _: bool(deal.registration_number)),
    "completed": ("合作已完成", "合作还没有完成", lambda deal, _: deal.is_completed),
}


def claims(rules: Sequence[Rule], deals: Sequence[Deal], today: date) -> tuple[Claim, ...]:
    """Return for each record, in order, what each rule of its place gives it; rules that are not for it left out."""
    return tuple(_claim(rule, deal, today) for deal in deals for rule in rules if is_for(rule, deal))


def is_for(rule: Rule, deal: Deal) -> bool:
    """Return whether a rule can apply: by place, kind and time of signing; never to what was ended or revoked.

    A record whose time of signing is not filled in is not shut out by it: that is what is missing.
    """
    signed = deal.signed_on
    is_in_time = signed is None or (rule.signed_from or signed) <= signed <= (rule.signed_until or signed)
    is_of_kind = not rule.kinds or deal.kind in rule.kinds
    return not deal.is_over and deal.region.startswith(rule.region) and is_of_kind and is_in_time


def total_yuan(found: Sequence[Claim]) -> int:
    """Return the sum of claims in yuan."""
    return sum(each.amount_yuan for each in found)


def totals(found: Sequence[Claim]) -> tuple[tuple[str, int | None, int, int], ...]:
    """Return (region, year of signing, records, yuan) of what qualifies, by region, the latest year first."""
    groups: dict[tuple[str, int | None], list[Claim]] = {}
    for each in found:
        if each.amount_yuan:
            groups.setdefault((each.deal.region, each.year), []).append(each)
    order = sorted(groups, key=lambda group: (group[0], -(group[1] or 0)))
    return tuple((*group, len({each.deal.id for each in groups[group]}), total_yuan(groups[group])) for group in order)


def _claim(rule: Rule, deal: Deal, today: date) -> Claim:
    unmet = [] if deal.is_submitted else ["还是草稿，请先提交备案"]
    unmet += [CONDITIONS[name][1] for name in rule.requires if not CONDITIONS[name][2](deal, today)]
    proven, lacking = _results(rule, deal)
    count = 0 if unmet else len(proven) if rule.per == "outcome" else 1
    amount = min(count * rule.amount_yuan, rule.cap_yuan or count * rule.amount_yuan)
    return Claim(rule=rule, deal=deal, count=count, amount_yuan=amount, missing=(*unmet, *lacking))


def _results(rule: Rule, deal: Deal) -> tuple[list[Result], list[str]]:
    """Return the outcomes that count for a rule, and in words which are not proven, or that there are none."""
    if rule.per == "record":
        return [], []
    fitting = [each for each in deal.results if not rule.outcome_kinds or each.kind in rule.outcome_kinds]
    lacking = [f"成果“{each.name}”没有证明材料" for each in fitting if not each.has_evidence]
    return [each for each in fitting if each.has_evidence], lacking if fitting else ["还没有登记成果"]
