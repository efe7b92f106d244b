"""Finding a division by what people write."""

import pytest

from matcher.controlled_lists import regions


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("340100", ("340100",)),
        ("合肥市", ("340100",)),
        ("安徽省合肥市", ("340100",)),
        ("六安市叶集区", ("341504",)),
        ("安徽省六安市叶集区", ("341504",)),
        ("北京市朝阳区", ("110105",)),
        ("安徽省叶集区", ()),
        ("长三角", ()),
        ("", ()),
    ],
)
def test_codes_named(text: str, codes: tuple[str, ...]) -> None:
    assert regions().codes_named(text) == codes


def test_a_name_that_many_bear_gives_them_all() -> None:
    assert len(regions().codes_named("鼓楼区")) > 1
