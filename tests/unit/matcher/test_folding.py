"""Which records are one row: cases as they come in lists that universities send."""

from dataclasses import replace

import pytest

from matcher.folding import are_near, fold_places
from tests.support.records import achievement, need

TEXT = (
    "针对杨木易长霉、发蓝的特点，制成透明微乳液，处理后板面不变色。\n在仓库垛放16周，霉变面积不到2%，成本约26元每方。"
)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ({"organisation": "甲校"}, {"organisation": "甲校", "description": TEXT + "已在两家企业使用。"}, True),
        ({"organisation": "甲校"}, {"organisation": "乙校", "description": TEXT + "已在两家企业使用。"}, False),
        ({"team": "木材组"}, {"team": "木材组", "description": TEXT + "已在两家企业使用。"}, True),
        ({"organisation": "甲校"}, {"organisation": "乙校"}, True),
        ({}, {}, True),
        ({}, {"description": TEXT.replace("，", ", ").replace("%", "％")}, True),
        ({"organisation": "甲校"}, {"organisation": "甲校", "description": TEXT[:30]}, False),
        ({"organisation": "甲校"}, {"organisation": "甲校", "description": "以凝胶电解质代替碳酸酯。"}, False),
        ({}, {"description": TEXT + "已在两家企业使用。"}, False),
    ],
)
def test_near(one: dict[str, str], other: dict[str, str], near: bool) -> None:
    first, second = (achievement("木材防霉", **{"description": TEXT} | given) for given in (one, other))
    assert are_near(first, second) is near


def test_needs_fold_as_achievements_do() -> None:
    assert are_near(need(organisation="甲厂", description=TEXT), need(organisation="甲厂", description=TEXT[:-2]))


def test_a_record_beyond_the_last_row_is_left_out_unless_it_duplicates_one() -> None:
    ranked = [achievement(title) for title in ("木材防霉", "锂离子电池", "污水脱氮", "木材防霉")]
    assert fold_places(ranked, 2) == [(0, (3,)), (1, ())]


def test_a_record_joins_the_better_of_two_rows_whatever_their_number() -> None:
    best, elsewhere = (
        achievement("木材防霉", description=TEXT, organisation="甲校"),
        achievement("木材防霉", description=f"{TEXT}已在两家企业使用。", organisation="乙校"),
    )
    both = replace(elsewhere, organisation="甲校")
    assert fold_places([best, elsewhere, both], 3) == [(0, (2,)), (1, ())]
    assert fold_places([best, elsewhere, both], 1) == [(0, (2,))]
