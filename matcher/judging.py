"""Use cases of the desk where matches are judged: what one judge has done, and taking it back."""

from matcher.errors import IllegalTransitionError, NotFoundError
from matcher.models import Verdict
from matcher.store import Store, audit, verdicts


class Judging:
    """The verdicts of one judge, need by need; `Matching.judge` is what keeps a verdict."""

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
        return verdict
