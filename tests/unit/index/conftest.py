"""What several tests of the index begin with."""

import pytest

from index.dense import DenseIndex
from tests.support.unit_rows import Matrix, filled


@pytest.fixture(params=["exact", "approximate"])
def many(request: pytest.FixtureRequest) -> tuple[DenseIndex, list[int], Matrix]:
    """An index of 600 vectors of either sort; the approximate one has 48 lists, all of which are visited."""
    found = filled(600, 10_000 if request.param == "exact" else 100)
    assert found[0].is_exact is (request.param == "exact")
    return found
