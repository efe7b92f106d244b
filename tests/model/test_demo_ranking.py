"""The demo catalogue, ranked with the real model: floors well below what is reached, so that only a real loss fails."""

from pathlib import Path

import pytest

from index.encoder import SentenceEncoder
from matcher.evaluation import report
from matcher.seeding import demo_judgments
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def figures(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    service = Service(Settings(home=Path(tmp_path_factory.mktemp("demo"))), encoder)
    service.seed("test")
    qrels: dict[str, dict[str, int]] = {}
    for need, achievement, grade in demo_judgments():
        qrels.setdefault(need, {})[achievement] = grade
    ranked = {}
    for name in qrels:
        found = service.matching.candidates("need", service.postings.find("need", name).id, 100)
        records = postings.get_many(service.store.db, "achievement", [each.item_id for each in found])
        ranked[name] = [record.external_id for record in records]
    service.close()
    return report(ranked, qrels)


def test_demo_recall_stays(figures: dict[str, float]) -> None:
    assert figures["recall@10"] >= 0.95, figures


def test_demo_order_stays(figures: dict[str, float]) -> None:
    assert figures["ndcg@10"] >= 0.85, figures
