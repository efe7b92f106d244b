"""What a cooperation record must satisfy: to be kept at all, and to be submitted. Pure; messages say what to do.

A problem of a repeated part bears the name of its field in the form: `parties-0-name`.
"""

from collections.abc import Iterator

from matcher.controlled_lists import cooperation_modes, regions
from matcher.cooperation import (
    DIRECTIONS,
    KINDS,
    MILESTONE_STATES,
    OUTCOME_KINDS,
    PARTS,
    ROLES,
    Cooperation,
    Milestone,
    Outcome,
    Party,
    Payment,
)
from matcher.cooperation_words import wan
from matcher.credit_code import credit_code_problem
from matcher.errors import InvalidInputError
from matcher.validation import amount_problem, text_problems

MOST_PARTS = 100
Found = Iterator[tuple[str, str]]


def check_cooperation(cooperation: Cooperation) -> None:
    """Raises: InvalidInputError naming every field that cannot be kept as it is, in a draft either."""
    problems = text_problems(cooperation)
    if not cooperation.title.strip():
        problems["title"] = "请填写合作名称"
    for find in (_choice_problems, _money_problems, _date_problems, _part_problems):
        problems |= dict(find(cooperation))
    if problems:
        raise InvalidInputError(problems)


def check_complete(cooperation: Cooperation) -> None:
    """Raises: InvalidInputError naming all that a submitted record must hold and this one does not."""
    problems = dict(_missing(cooperation))
    if problems:
        raise InvalidInputError(problems)


def _missing(cooperation: Cooperation) -> Found:
    roles = {each.role for each in cooperation.parties}
    if not {"a", "b"} <= roles:
        yield "parties", f"还没有填写{'、'.join(ROLES[role] for role in ('a', 'b') if role not in roles)}"
    if cooperation.kind == "project" and not cooperation.contract_type:
        yield "contract_type", "请选择技术合同类型"
    if cooperation.kind == "paired" and not cooperation.paired_region:
        yield "paired_region", "对口合作请填写对口地区"
    if cooperation.region not in regions():
        given = f"“{cooperation.region}”不是行政区划，" if cooperation.region else ""
        yield "region", f"{given}备案编号按地区编排，请填写省、市或区县，如：六安市"
    if cooperation.signed_on is None:
        yield "signed_on", "请填写签订日期"


def _choice_problems(cooperation: Cooperation) -> Found:
    if cooperation.kind not in KINDS:
        yield "kind", f"“{cooperation.kind[:30]}”不是备案类别，可选：{'、'.join(KINDS.values())}"
    if cooperation.contract_type and cooperation.contract_type not in cooperation_modes():
        yield "contract_type", "请选择技术合同类型"
    if cooperation.direction and cooperation.direction not in DIRECTIONS:
        yield "direction", f"“{cooperation.direction[:30]}”不是流向，可选：{'、'.join(DIRECTIONS.values())}"
    number = cooperation.registration_number
    if number and not (len(number) == 16 and number.isascii() and number.isdecimal()):
        yield "registration_number", f"“{number[:30]}”不是登记编号：应为 16 位数字，请对照登记证明核对"


def _money_problems(cooperation: Cooperation) -> Found:
    total, technology = cooperation.amount_yuan, cooperation.technology_amount_yuan
    if technology is not None:
        if total is None:
            yield "technology_amount_yuan", "填写了技术交易额，请同时填写合同金额"
        elif technology > total:
            yield (
                "technology_amount_yuan",
                f"技术交易额 {wan(technology)}多于合同金额 {wan(total)}，请核对",
            )
    for name in ("amount_yuan", "technology_amount_yuan"):
        yield from amount_problem(name, getattr(cooperation, name)).items()
    planned = sum(each.amount_yuan or 0 for each in cooperation.payments)
    if total is not None and planned > max(total, 0):
        yield (
            "payments",
            f"各期应付合计 {wan(planned)}，多于合同金额 {wan(total)}，请核对",
        )


def _date_problems(cooperation: Cooperation) -> Found:
    start, end = cooperation.starts_on or cooperation.signed_on, cooperation.ends_on
    if start and end and end < start:
        yield "ends_on", f"结束日期 {end} 早于开始或签订日期 {start}，请核对"
    signed, registered = cooperation.signed_on, cooperation.registered_on
    if signed and registered and registered < signed:
        yield "registered_on", f"登记日期 {registered} 早于签订日期 {signed}，请核对"


def _part_problems(cooperation: Cooperation) -> Found:
    """Yield what is wrong with one of the parties, payments, milestones or outcomes."""
    finders = {"parties": _party, "payments": _payment, "milestones": _milestone, "outcomes": _outcome}
    for name in PARTS:
        parts = getattr(cooperation, name)
        if len(parts) > MOST_PARTS:
            yield name, f"共 {len(parts)} 行，最多 {MOST_PARTS} 行，请合并一些"
        for place, part in enumerate(parts[:MOST_PARTS]):
            problems = [*text_problems(part).items(), *finders[name](part)]  # type: ignore[operator]
            yield from ((f"{name}-{place}-{field}", words) for field, words in problems)
    seen: set[str] = set()
    for place, party in enumerate(cooperation.parties):
        if party.name in seen:
            yield f"parties-{place}-name", f"“{party.name}”填写了两次，请删去一处或改正"
        seen.add(party.name)


def _party(party: Party) -> Found:
    if not party.name.strip():
        yield "name", "请填写单位全称"
    if party.role not in ROLES:
        yield "role", f"“{party.role[:30]}”不是合作方身份，可选：{'、'.join(ROLES.values())}"
    if party.credit_code and (problem := credit_code_problem(party.credit_code)):
        yield "credit_code", problem


def _payment(payment: Payment) -> Found:
    yield from amount_problem("amount_yuan", payment.amount_yuan).items()
    yield from amount_problem("paid_yuan", payment.paid_yuan).items()
    if payment.paid_yuan is not None and payment.paid_on is None:
        yield "paid_on", "填写了实付金额，请同时填写付款日期"
    if payment.paid_on is not None and payment.paid_yuan is None:
        yield "paid_yuan", "填写了付款日期，请同时填写实付金额"
    if payment.amount_yuan is None and payment.paid_yuan is None:
        yield "amount_yuan", "请填写应付金额，或删去这一期"


def _milestone(milestone: Milestone) -> Found:
    if not milestone.title.strip():
        yield "title", "请填写节点内容"
    if milestone.state not in MILESTONE_STATES:
        yield "state", f"“{milestone.state[:30]}”不是节点状态，可选：{'、'.join(MILESTONE_STATES.values())}"
    if milestone.state == "done" and milestone.done_on is None:
        yield "done_on", "节点已完成，请填写完成日期"
    if milestone.state != "done" and milestone.done_on is not None:
        yield "state", f"填写了完成日期 {milestone.done_on}，请把状态改为“已完成”或删去日期"


def _outcome(outcome: Outcome) -> Found:
    if outcome.kind not in OUTCOME_KINDS:
        yield "kind", f"“{outcome.kind[:30]}”不是绩效产出类别，可选：{'、'.join(OUTCOME_KINDS.values())}"
    if not outcome.title.strip():
        yield "title", "请填写产出名称，如专利名称、产品名称"
    yield from amount_problem("amount_yuan", outcome.amount_yuan).items()
    if outcome.count is not None and not 0 <= outcome.count <= 10**9:
        yield "count", f"数量“{outcome.count}”不在 0 到 10 亿之间，请核对"
