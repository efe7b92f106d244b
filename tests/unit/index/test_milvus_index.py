"""What a collection asks of a cluster, where the embedded Milvus of the contract tests asks otherwise."""

from typing import Any

import numpy as np

from index import milvus_index
from index.milvus_index import MilvusIndex


class Cluster:
    """Notes what is asked and answers with hits that all score the same."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call(self, method: str, *given: Any, seconds: float = 0, **named: Any) -> Any:
        """Return as many hits as are asked for."""
        self.asked.append((method, named))
        return [[{"id": 100_000 - number, "distance": 0.5} for number in range(named["limit"])]]


QUERY = np.ones(4, dtype=np.float32) / 2


def test_ids_stand_beside_the_condition_so_that_a_cluster_need_not_parse_them() -> None:
    cluster = Cluster()
    MilvusIndex(cluster, "c", "m", 4, is_exact=True).search(QUERY, 3, allowed=[5, 7])
    named = cluster.asked[0][1]
    assert (named["filter"], named["filter_params"]) == ("id in {ids}", {"ids": [5, 7]})
    assert named["consistency_level"] == "Strong"


def test_ties_are_followed_up_to_what_milvus_gives() -> None:
    cluster = Cluster()
    hits = MilvusIndex(cluster, "c", "m", 4, is_exact=False).search(QUERY, 3)
    limits = [named["limit"] for _, named in cluster.asked]
    assert limits[-1] == milvus_index._MOST_HITS and limits == sorted(set(limits))
    assert hits.ids.tolist() == [100_000 - limits[-1] + 1 + number for number in range(3)]
    for _, named in cluster.asked:
        assert named["search_params"]["params"]["ef"] >= named["limit"]
