"""Use cases of the desk where matches are judged: what one judge has done, and taking it back."""

from dataclasses import replace

from matcher.errors import IllegalTransitionError, NotFoundError
from matcher.models import TRUSTED_LEVEL, Kind, Level, Shown, Verdict
from matcher.policy import Sight
from matcher.store import Database, Store, audit, suggestion_queue, suggestions, verdicts, versions
from matcher.store.rows import now_text
from matcher.suggestion import QueueFilters, Suggestion


def keep(db: Database, verdict: Verdict) -> int:
    """Keep a verdict, with the versions that were shown or else the present ones, in a transaction; return its id."""
    pair: tuple[tuple[Kind, int], ...] = (("need", verdict.need_id), ("achievement", verdict.achievement_id))
    shown = verdict.shown.versions if verdict.shown else None
    of_need, of_achievement = shown or (versions.latest(db, *each) for each in pair)
    after = {"achievement_id": verdict.achievement_id, "level": verdict.level}
    audit.add(db, verdict.judge, "judged", "need", verdict.need_id, {}, after)
    return verdicts.add(db, replace(verdict, need_version=of_need, achievement_version=of_achievement))


class Judging:
    """The verdicts of one judge, need by need or along the queue of suggestions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def counts(self, judge: str) -> dict[int, int]:
        """Return need id → how many of its matches the judge has a verdict on; needs without one are left out."""
        return verdicts.counts_by_need(self._store.db, judge)

    def of_need(self, need_id: int, judge: str) -> dict[int, Verdict]:
        """Return achievement id → the judge's newest verdict on that match of the need."""
        return {each.achievement_id: each for each in verdicts.latest_of_judge(self._store.db, need_id, judge)}

    def get(self, verdict_id: int) -> Verdict:
        """Return the verdict, taken back or not. Raises: NotFoundError."""
        verdict = verdicts.get(self._store.db, verdict_id)
        if verdict is None:
            raise NotFoundError(f"没有编号为 {verdict_id} 的评判，可能已随需求或成果一起删除")
        return verdict

    def undo(self, verdict_id: int, judge: str) -> Verdict:
        """Take a verdict back and return it as it was; the judge's earlier one on the match counts again.

        Undone twice, nothing more happens.

        Raises: NotFoundError; IllegalTransitionError for the verdict of somebody else.
        """
        with self._store.transaction() as db:
            verdict = self.get(verdict_id)
            if verdict.judge != judge:
                raise IllegalTransitionError(f"这条评判是“{verdict.judge}”作出的，只能由本人撤销")
            if verdict.undone_at is None:
                verdicts.undo(db, verdict_id)
                before = {"achievement_id": verdict.achievement_id, "level": verdict.level}
                audit.add(db, judge, "undid verdict", "need", verdict.need_id, before, {})
                suggestions.reopen_judged(db, verdict_id)
        return verdict

    def queue(
        self, account_id: int, judge: str, filters: QueueFilters, sight: Sight, after: Suggestion | None, count: int
    ) -> tuple[Suggestion, ...]:
        """Return the next `count` suggestions to judge, behind one of the queue."""
        return suggestion_queue.to_judge(self._store.db, account_id, judge, filters, sight, after, count)

    def count_queue(self, account_id: int, judge: str, filters: QueueFilters, sight: Sight) -> int:
        """Return how many suggestions there are to judge."""
        return suggestion_queue.count_to_judge(self._store.db, account_id, judge, filters, sight)

    def judge_suggestion(self, found: Suggestion, account_id: int, level: Level, judge: str, shown: Shown) -> None:
        """Keep a level for a suggested pair; below 较强相关 it leaves the queues, unless somebody else has it by now.

        Raises: NotFoundError.
        """
        with self._store.transaction() as db:
            current = suggestions.get(db, found.public_id)
            if current is None:
                raise NotFoundError("没有这条匹配建议，可能需求或成果已被删除")
            given = Verdict(
                need_id=found.need_id, achievement_id=found.achievement_id, level=level, judge=judge, shown=shown
            )
            verdict_id = keep(db, given)
            if current.verdict_id is not None and current.decided_by == judge:
                suggestions.reopen_judged(db, current.verdict_id)
                current = suggestions.get(db, found.public_id) or current
            if level < TRUSTED_LEVEL and current.state == "new" and current.owner_id in (None, account_id):
                decided = {"decided_at": now_text(), "decided_by": judge, "verdict_id": verdict_id}
                suggestions.change(db, current.id, state="dismissed", reason="judged", **decided)
