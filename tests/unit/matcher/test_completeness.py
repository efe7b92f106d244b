"""What a record still lacks."""

from dataclasses import replace

from matcher.completeness import gaps
from matcher.models import Need
from tests.support.examples import WOOD_NEED


def test_a_bare_title_lacks_everything() -> None:
    assert [gap.field for gap in gaps(Need(title="x"))] == [
        "description",
        "indicators",
        "field",
        "keywords",
        "maturity",
        "region",
        "organisation",
        "modes",
    ]


def test_a_full_record_lacks_only_a_longer_description() -> None:
    assert [gap.field for gap in gaps(replace(WOOD_NEED, description="短"))] == ["description"]
    assert gaps(replace(WOOD_NEED, description="长" * 60)) == ()
