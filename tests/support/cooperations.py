"""Cooperation records for tests."""

from datetime import date
from typing import Any

from matcher.cooperation import Cooperation, Milestone, Outcome, Party, Payment
from matcher.service import Service
from matcher.workflow import BUREAU_STATES

PARTIES = (Party(role="a", name="甲厂"), Party(role="b", name="乙校"))


def agreement(**given: Any) -> Cooperation:
    """Return an agreement that may be kept, not yet submitted."""
    return Cooperation(**{"title": "合同", "contract_type": "transfer", "parties": PARTIES, **given})


def complete(**given: Any) -> Cooperation:
    """Return an agreement that may be submitted."""
    return agreement(**{"region": "341500", "signed_on": date(2026, 10, 12), **given})


def full(**given: Any) -> Cooperation:
    """Return an agreement with something in every field that people fill in."""
    return complete(
        **{
            "title": "防霉处理技术开发",
            "parties": (
                Party(role="a", name="甲厂", credit_code="91350100M000100Y43"),
                Party(role="b", name="乙校"),
                Party(role="b", name="丙所"),
                Party(role="c", name="丁园区"),
            ),
            "amount_yuan": 1_000_000,
            "technology_amount_yuan": 800_000,
            "direction": "absorb",
            "registration_number": "2026340000000001",
            "registered_on": date(2026, 10, 20),
            "starts_on": date(2026, 11, 1),
            "ends_on": date(2027, 10, 31),
            "payments": (
                Payment(due_on=date(2026, 11, 1), amount_yuan=400_000, paid_on=date(2026, 11, 3), paid_yuan=400_000),
                Payment(due_on=date(2027, 10, 31), amount_yuan=600_000),
            ),
            "milestones": (
                Milestone(title="完成中试", due_on=date(2027, 5, 1), state="done", done_on=date(2027, 4, 20)),
                Milestone(title="完成验收", due_on=date(2027, 10, 31)),
            ),
            "outcomes": (
                Outcome(
                    kind="patent", title="防霉剂配方", count=2, obtained_on=date(2027, 6, 1), evidence="受理通知书"
                ),
                Outcome(kind="output_value", title="新增产值", amount_yuan=5_000_000),
            ),
            "ip_ownership": "双方共有",
            "expected_results": "12 周霉变面积不超过 5%",
            "note": "分两期付款",
            **given,
        }
    )


def filed(service: Service, **given: Any) -> Cooperation:
    """Return a record that was drafted, submitted and filed."""
    drafted = service.cooperations.record(complete(**given), "李")
    submitted = service.cooperations.move(drafted.id, "submitted", "李")
    return service.cooperations.decide(submitted.id, "filed", submitted.version, "管理员")


# How a record comes into each state.
WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submitted",),
    "filed": ("submitted", "filed"),
    "performing": ("submitted", "filed", "performing"),
    "completed": ("submitted", "filed", "performing", "completed"),
    "terminated": ("submitted", "filed", "terminated"),
    "revoked": ("submitted", "filed", "revoked"),
}


def in_state(service: Service, state: str) -> Cooperation:
    """Return a new record in a state."""
    stored = service.cooperations.record(complete(), "李")
    for step in WAYS[state]:
        stored = take(service, stored, step)
    return stored


def take(service: Service, stored: Cooperation, state: str) -> Cooperation:
    """Return the record one step on, as whoever may take it."""
    if state in BUREAU_STATES:
        return service.cooperations.decide(stored.id, state, stored.version, "管理员", "因为")
    return service.cooperations.move(stored.id, state, "李", "因为")
