"""What a record still lacks to be matched well. Pure; nothing here is required to store it."""

from dataclasses import dataclass

from matcher.models import Record

_SHORTEST_DESCRIPTION = 60


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that is missing or thin: its name in the model, what pages call it, and why it would help."""

    field: str
    name: str
    reason: str


def gaps(record: Record) -> tuple[Gap, ...]:
    """Return what `record` lacks, the most helpful first."""
    checks = (
        (len(record.description) < _SHORTEST_DESCRIPTION, Gap("description", "详细描述", "匹配主要看这里写了什么")),
        (not record.indicators, Gap("indicators", "可量化指标", "对方据此判断能不能做到")),
        (not record.field, Gap("field", "技术领域", "按领域筛选的人才找得到")),
        (not record.keywords, Gap("keywords", "关键词", "让用词不同的双方也能对上")),
        (record.maturity is None, Gap("maturity", "技术成熟度", "说明离实际使用还有多远")),
        (not record.region, Gap("region", "地区", "便于就近对接")),
        (not record.organisation, Gap("organisation", "单位名称", "对方需要知道和谁合作")),
        (not record.modes, Gap("modes", "合作方式", "备案时据此选合同类型")),
    )
    return tuple(gap for lacks, gap in checks if lacks)
