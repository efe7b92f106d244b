"""Learning from use: a new ranker from the shipped judgments and people's verdicts, installed when it is no worse."""

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from matcher import ranking
from matcher.features import NAMES
from matcher.holding_back import Figures, figures, held_back, worse
from matcher.models import Achievement, Need, Verdict
from matcher.rankers import Rankers
from matcher.ranking import Judgments, Ranker
from matcher.scoring import Scoring
from matcher.search_engine import SearchEngine
from matcher.seeding import DEMO_JUDGE
from matcher.store import Store, postings, verdicts

# A verdict given here speaks of this service's own records, a shipped judgment of others: it counts for six of them.
VERDICT_WEIGHT = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a training came to: `installed` is None when the new ranker was worse, and `worse` says by how much.

    `before` is the ranker in force, `after` the new one, both on `held_back` pairs that the new one had not seen;
    `left_out` verdicts were not learned from because a record of theirs is withdrawn.
    """

    installed: Ranker | None
    worse: str
    verdicts: int
    left_out: int
    held_back: int
    before: Figures
    after: Figures


class Learning:
    """Trains rankers and installs them."""

    def __init__(self, store: Store, engine: SearchEngine, scoring: Scoring, rankers: Rankers) -> None:
        self._store = store
        self._engine = engine
        self._scoring = scoring
        self._rankers = rankers

    def train(self, actor: str, leave_out_withdrawn: bool = False) -> Training:
        """Fit a ranker without the held-back needs, compare it on those with the one in force, and unless it is
        worse install one fitted to everything.

        Raises: ModelMismatchError; RankerError when the judgments are all alike.
        """
        learned, left_out = self._learned(leave_out_withdrawn)
        sample, present = _joined(ranking.shipped_judgments(), learned), self._rankers.in_force()
        held = held_back(sample.groups)
        unseen = self._compared(sample, held)
        before, after = figures(present, unseen), figures(self._fitted(sample.at(~held), present), unseen)
        found = Training(
            installed=None,
            worse=worse(before, after),
            verdicts=len(learned.grades),
            left_out=left_out,
            held_back=len(unseen.grades),
            before=before,
            after=after,
        )
        if found.worse:
            return found
        ranker = self._fitted(sample, present)
        facts = ranker.facts | _facts(found, present)
        return replace(found, installed=self._rankers.install(replace(ranker, facts=facts), actor))

    def _compared(self, sample: Judgments, held: npt.NDArray[np.bool_]) -> Judgments:
        """Return the held-back pairs that people judged: with a model of its own, those of this service's verdicts.

        The features of the shipped ones are another model's then; they are compared on only while there are no others.
        """
        is_shipped_model = self._engine.model_id() == ranking.shipped_ranker().model_id
        ours = held & sample.judged & ((sample.groups < 0) | is_shipped_model)
        return sample.at(ours if ours.any() else held & sample.judged)

    def _fitted(self, sample: Judgments, present: Ranker) -> Ranker:
        model_id = self._engine.model_id()
        return ranking.fit(sample, "", model_id, thresholds=present.thresholds)

    def _learned(self, leave_out_withdrawn: bool) -> tuple[Judgments, int]:
        """Return the judgments that people's verdicts make, and how many verdicts were left out.

        Each judge's newest verdict on a match is a pair of its own: where judges differ, that is what a probability
        has to tell. Those that came with the demo catalogue are nobody's.
        """
        given = [each for each in verdicts.latest(self._store.db) if each.judge != DEMO_JUDGE]
        by_need: dict[int, list[Verdict]] = defaultdict(list)
        for each in given:
            by_need[each.need_id].append(each)
        rows, kept = [np.zeros((0, len(NAMES)))], list[Verdict]()
        for need_id, group in by_need.items():
            pairs = self._pairs(need_id, group, leave_out_withdrawn)
            if pairs:
                rows.append(self._scoring.features(pairs[0][0], [other for _, other, _ in pairs]))
                kept += [verdict for _, _, verdict in pairs]
        # Shipped needs are numbered from 0 upwards; ours must not meet them.
        groups = np.array([-each.need_id for each in kept], dtype=np.int64)
        grades = np.array([each.level - 1 for each in kept], dtype=np.int64)
        judgments = Judgments(
            np.vstack(rows), grades, groups, np.full(len(kept), VERDICT_WEIGHT), np.ones(len(kept), dtype=np.bool_)
        )
        return judgments, len(given) - len(kept)

    def _pairs(
        self, need_id: int, group: list[Verdict], leave_out_withdrawn: bool
    ) -> list[tuple[Need, Achievement, Verdict]]:
        """Return the records of each verdict; those of withdrawn ones left out where that is asked for."""
        db = self._store.db
        need = postings.get(db, "need", need_id)
        others = {
            each.id: each for each in postings.get_many(db, "achievement", [each.achievement_id for each in group])
        }
        pairs = ((need, others.get(verdict.achievement_id), verdict) for verdict in group)
        return [
            (need, other, verdict)
            for need, other, verdict in pairs
            if isinstance(need, Need) and isinstance(other, Achievement)
            if not (leave_out_withdrawn and "closed" in (need.status, other.status))
        ]


def _joined(shipped: Judgments, learned: Judgments) -> Judgments:
    return Judgments(*(np.concatenate(parts) for parts in zip(shipped, learned, strict=True)))


def _facts(found: Training, against: Ranker) -> dict[str, object]:
    return {
        "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdicts": found.verdicts,
        "left_out": found.left_out,
        "held_back": {
            "pairs": found.held_back,
            "against": against.version,
            "before": asdict(found.before),
            "after": asdict(found.after),
        },
    }
