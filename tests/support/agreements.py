"""A cooperation record in which every field has a value of its own."""

from datetime import date

from matcher.cooperation import Cooperation, Milestone, Outcome, Party, Payment

FULL = Cooperation(
    kind="paired",
    paired_region="310112",
    title="杨木集成材防霉处理技术开发",
    parties=(
        Party(role="a", name="青桐坞家居制造有限公司", credit_code="91341504MA2N00000G"),
        Party(role="a", name="青桐坞集成材加工厂", credit_code="91341504MA2N111119"),
        Party(role="b", name="云麓林业大学", credit_code="12340000485000001D"),
        Party(role="c", name="叶集区木竹产业技术研究院"),
    ),
    contract_type="commissioned_development",
    amount_yuan=1_205_000,
    technology_amount_yuan=1_100_000,
    direction="absorb",
    registration_number="2026340000012345",
    registered_on=date(2026, 11, 30),
    signed_on=date(2026, 11, 22),
    starts_on=date(2026, 12, 1),
    ends_on=date(2027, 11, 29),
    region="341504",
    payments=(
        Payment(due_on=date(2026, 12, 5), amount_yuan=482_000, paid_on=date(2026, 12, 4), paid_yuan=481_000),
        Payment(due_on=date(2027, 6, 30), amount_yuan=723_000),
    ),
    milestones=(
        Milestone(
            title="小试：不同含水率板材的浸渍参数", due_on=date(2027, 2, 28), state="done", done_on=date(2027, 2, 20)
        ),
        Milestone(title="中试：一个库房垛放十二周", due_on=date(2027, 8, 31), state="missed"),
    ),
    outcomes=(
        Outcome(
            kind="patent", title="一种杨木防霉浸渍液", count=2, obtained_on=date(2027, 10, 1), evidence="受理通知书"
        ),
        Outcome(kind="output_value", title="防霉板材销售", amount_yuan=12_340_000),
    ),
    ip_ownership="归双方共有，甲方有优先实施权",
    expected_results="12 周霉变面积不超过 5%\n处理成本≤35 元/m³",
    note="分两期付款",
)
