"""The job that suggests pairs: it follows the list of revisions, one record at a time, and suggests each pair once.

What a record brings, who is given it and how far the list was followed commit together: whenever the process dies,
the next one goes on behind the last record that is whole.
"""

from matcher.desk import release_left
from matcher.errors import MatcherError, ModelMismatchError, ModelUnavailableError, StoreError, WorkStoppedError
from matcher.inbox import Inbox
from matcher.job import Job
from matcher.jobs import HeldJob, Jobs
from matcher.matching import Matching
from matcher.models import LEVEL_NAMES, Achievement, Candidate, Kind, Need, Record
from matcher.people import ITSELF
from matcher.policy import Action, Reach, Role, condition_of, reach
from matcher.settings import Settings
from matcher.store import Database, Store, assignment_rules, audit, notices, postings, search_state, suggestions
from matcher.store.suggestions import Change
from matcher.suggestion import chosen
from matcher.tokens import new_public_id

KIND = "suggest"
# How far the list of revisions was followed, and up to which suggestion brokers were told.
_CURSOR = "suggested_revision"
_TOLD = "suggestions_told"


class Suggesting:
    """Makes suggestions of what is new or changed on either side."""

    def __init__(self, store: Store, matching: Matching, keeper: Jobs, settings: Settings) -> None:
        self._store = store
        self._matching = matching
        self._keeper = keeper
        self._least_level = settings.suggestion_level
        self._most = settings.suggestions_per_record

    def plan(self) -> None:
        """See that there is a job when records have changed since the last one, unless that was stopped.

        What was given to people who have left is given back to everyone.
        """
        release_left(self._store, ITSELF)
        if not _is_behind(self._store.db):
            return
        with self._store.transaction() as db:
            # Another worker may have done the last record, and its job, since.
            if _is_behind(db):
                self._keeper.begin_by_itself(db, KIND)

    def begin(self, actor: str, anew: bool = False) -> Job:
        """Return the job that suggests, added when there is none; `anew`: it goes through all records again."""
        with self._store.transaction() as db:
            job = self._keeper.begin(db, KIND, actor)
            if anew:
                search_state.put(db, _CURSOR, "0")
                self._keeper.begin_anew(db, job, suggestions.count_changes(db, 0))
            audit.add(db, actor, "began suggesting", "job", job.id, {}, {"anew": anew})
        return job

    def run(self, held: HeldJob) -> str:
        """Suggest for each record that changed; return what came of it.

        Raises: WorkStoppedError; ModelMismatchError; ModelUnavailableError; StoreError.
        """
        held.expect(suggestions.count_changes(self._store.db, _followed(self._store.db)))
        while True:
            held.report()
            followed = _followed(self._store.db)
            change = suggestions.next_change(self._store.db, followed)
            if change is None:
                return self._tell()
            self._suggest(held, followed, change)

    def _suggest(self, held: HeldJob, followed: int, change: Change) -> None:
        """Keep what one record brings; when the list of revisions was begun anew meanwhile, nothing."""
        problem = ""
        try:
            found = self._found(change.kind, change.item_id)
        except (ModelMismatchError, ModelUnavailableError, StoreError, WorkStoppedError):
            raise
        except MatcherError as error:
            found, problem = (), f"{change.kind} {change.item_id}：{error}"
        with self._store.transaction() as db:
            held.advance(db, problem)
            if _followed(db) == followed:
                self._keep(db, change, found)
                search_state.put(db, _CURSOR, str(change.revision))

    def _found(self, kind: Kind, item_id: int) -> tuple[Candidate, ...]:
        """Return the best counterparts of a published record that reach the least level, near-duplicates once."""
        record = postings.get(self._store.db, kind, item_id)
        if record is None or record.status != "published":
            return ()
        best = self._matching.best(record, self._most)
        return tuple(each for each in best if (each.level or 1) >= self._least_level)

    def _keep(self, db: Database, change: Change, found: tuple[Candidate, ...]) -> None:
        ranker = self._matching.ranker_version()
        for rank, candidate in enumerate(found, 1):
            other = candidate.item_id
            pair = (change.item_id, other) if change.kind == "need" else (other, change.item_id)
            public_id = new_public_id()
            if suggestions.add(db, public_id, pair, candidate, rank, ranker):
                _pass_on(db, public_id, pair)

    def _tell(self) -> str:
        """Tell brokers how many suggestions they were given since they were last told; return that in words."""
        with self._store.transaction() as db:
            newest = suggestions.newest_id(db)
            made = suggestions.made_after(db, int(search_state.get(db, _TOLD) or 0))
            for owner_id, count in made.items():
                words = f"有 {count} 条新的匹配建议" + ("可以领取" if owner_id is None else "分给了您")
                notices.add(db, "suggested", words, ("suggestion", 0), account_id=owner_id)
            search_state.put(db, _TOLD, str(newest))
        return f"新增 {sum(made.values())} 条匹配建议"


def _is_behind(db: Database) -> bool:
    return suggestions.next_change(db, _followed(db)) is not None


def _followed(db: Database) -> int:
    """Return the revision up to which suggestions are made."""
    return int(search_state.get(db, _CURSOR) or 0)


def _pass_on(db: Database, public_id: str, pair: tuple[int, int]) -> None:
    """Give a new suggestion to a broker by rule, and tell the owner of the older record of a strong one."""
    made = suggestions.get(db, public_id)
    need, achievement = postings.get(db, "need", pair[0]), postings.get(db, "achievement", pair[1])
    assert made is not None and isinstance(need, Need) and isinstance(achievement, Achievement)
    if made.level == max(LEVEL_NAMES):
        Inbox.tell_strong_match(db, need, achievement)
    # What not every broker may read is for those to take who find it in their queue.
    rules = assignment_rules.in_force(db) if _is_for_all(need) and _is_for_all(achievement) else ()
    owner_id = chosen(rules, suggestions.open_counts(db), need.field, need.region) if rules else None
    if owner_id is not None:
        suggestions.change(db, made.id, owner_id=owner_id)


def _is_for_all(record: Record) -> bool:
    """Return whether every broker may read the record in full."""
    return reach(Role.BROKER, Action.READ, condition_of(record)) is Reach.ALL
