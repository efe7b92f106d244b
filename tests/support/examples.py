"""A few records to try the pages with: two needs, three achievements, all by invented organisations."""

from datetime import date

from matcher.models import Achievement, Need

WOOD_NEED = Need(
    title="杨木集成材海运途中长霉发蓝的问题",
    description="一到六七月，库里垛子中间的板面三五天就起黑点、发蓝。\n想找一种低毒、不变色的防霉办法，每立方成本别超过35元。",
    indicators=("霉变与蓝变面积≤5%", "处理成本≤35元/m³"),
    field="4.5",
    keywords=("木材防霉", "集成材"),
    maturity=7,
    modes=("commissioned_development", "transfer"),
    budget_yuan=505_000,
    deadline=date(2027, 4, 30),
    region="341504",
    organisation="青桐坞家居制造有限公司",
    status="published",
)
BATTERY_NEED = Need(
    title="防爆锂离子电池的研发",
    description="井下用的锂离子电池针刺后容易起火，希望换成不燃的电解质。",
    organisation="岚川矿用电源有限公司",
    status="published",
)
WOOD_ACHIEVEMENT = Achievement(
    title="木材防霉微乳液及浸渍处理技术",
    description="针对杨木易长霉、发蓝的特点，制成透明微乳液，处理后板面不变色。\n在仓库垛放16周，霉变面积不到2%，成本约26元/m³。",
    indicators=("霉变面积≤2%（16周）", "色差1.3"),
    field="4.5",
    keywords=("防霉剂", "杨木"),
    maturity=7,
    modes=("transfer", "licence"),
    asking_price_yuan=450_000,
    region="340100",
    organisation="云麓林业大学",
    organisation_kind="university",
    team="木材保护课题组",
    status="published",
    is_demo=True,
)
BATTERY_ACHIEVEMENT = Achievement(
    title="不燃凝胶电解质的锂离子电池",
    description="以凝胶电解质代替易燃的碳酸酯，电芯针刺不起火、不爆炸。",
    organisation="云麓林业大学",
    organisation_kind="university",
    status="published",
)
BARE_ACHIEVEMENT = Achievement(title="<b>竹材</b>染色 & 封边工艺", status="published")
RECORDS = (WOOD_NEED, BATTERY_NEED, WOOD_ACHIEVEMENT, BATTERY_ACHIEVEMENT, BARE_ACHIEVEMENT)
