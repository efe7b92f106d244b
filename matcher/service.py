"""What the outer layer calls: the use cases of one store, in groups."""

from collections.abc import Callable

from index.encoder import Encoder
from matcher.accounts import Accounts
from matcher.alike import Alike
from matcher.annexes import Annexes
from matcher.assigning import Assigning
from matcher.attachments import Attachments
from matcher.auditing import Auditing
from matcher.cooperating import Cooperations
from matcher.demo_work import seed_work
from matcher.desk import Desk
from matcher.engagements import Engagements
from matcher.importing import Importing
from matcher.inbox import Inbox
from matcher.interests import Interests
from matcher.jobs import Jobs
from matcher.joining import Joining
from matcher.judging import Judging
from matcher.learning import Learning
from matcher.lifetimes import Lifetimes
from matcher.mail import Mail
from matcher.mailing import Mailing
from matcher.matching import Matching
from matcher.meetings import Meetings
from matcher.models import KINDS, Kind
from matcher.passwords import Passwords
from matcher.personal_data import PersonalData
from matcher.posting import Postings
from matcher.public_ids import PublicIds
from matcher.rankers import Rankers
from matcher.reindexing import reindex
from matcher.rewarding import Rewards
from matcher.rewrites import Rewrites
from matcher.scoring import Scoring
from matcher.search_engine import SearchEngine, prepare_model
from matcher.seeding import seed
from matcher.settings import Settings
from matcher.signing_in import SigningIn
from matcher.store import Store, revisions
from matcher.suggesting import KIND as SUGGEST
from matcher.suggesting import Suggesting
from matcher.throttling import Throttle
from matcher.working import Worker


class Service:
    """`postings` keeps needs and achievements, `matching` ranks and explains, `importing` reads files, `annexes` and
    `interests` open step by step what is confidential, `suggesting`, `desk`, `assigning` and `jobs` are the brokers',
    `engagements` and `meetings` lead to agreements, `cooperations` records them, `attachments` keeps files,
    `accounts`, `joining` and `signing_in` know people, `inbox` and `mailing` tell them what happened, `auditing` tells
    who did what."""

    def __init__(self, settings: Settings, encoder: Encoder | None = None) -> None:
        """Open the store; the model is loaded when it is first needed, unless `encoder` is given.

        Raises: StoreError.
        """
        self.settings = settings
        self._has_warmed = False
        self.store = Store(settings.database_path, settings.busy_timeout_ms)
        self.public_ids = PublicIds(self.store)
        self.auditing = Auditing(self.store)
        self._open_matching(settings, encoder)
        self._open_agreements(settings)
        self._open_people(settings)

    def _open_matching(self, settings: Settings, encoder: Encoder | None) -> None:
        self.engine = SearchEngine(self.store, settings, encoder)
        self.postings = Postings(self.store, self.engine, settings.valid_days)
        self.lifetimes = Lifetimes(self.store, self.postings, settings)
        self.rewrites = Rewrites(self.store, self.postings)
        self.importing = Importing(self.store, self.postings, settings.upload_limit_mb * 2**20)
        self.scoring = Scoring(self.store, self.engine)
        self.matching = Matching(self.store, self.engine, self.postings, self.scoring)
        self.alike = Alike(self.store, self.postings, self.matching)
        self.judging = Judging(self.store)
        self.rankers = Rankers(self.store)
        self.learning = Learning(self.store, self.engine, self.scoring, self.rankers)
        self.jobs = Jobs(self.store, settings)
        self.suggesting = Suggesting(self.store, self.matching, self.jobs, settings)

    def _open_agreements(self, settings: Settings) -> None:
        self.annexes = Annexes(self.store, self.postings)
        self.interests = Interests(self.store, self.postings, settings)
        self.desk = Desk(self.store, settings)
        self.assigning = Assigning(self.store)
        self.engagements = Engagements(self.store, self.postings)
        self.meetings = Meetings(self.store)
        self.cooperations = Cooperations(self.store, self.postings)
        self.rewards = Rewards(self.store, settings)
        self.attachments = Attachments(self.store, settings)

    def _open_people(self, settings: Settings) -> None:
        self.passwords = Passwords(settings.password_memory_kib, settings.password_rounds)
        self.mail = Mail(settings)
        self.inbox = Inbox(self.store)
        self.mailing = Mailing(self.store, self.mail)
        self.personal_data = PersonalData(self.store, settings)
        self.throttle = Throttle(self.store, settings)
        self.signing_in = SigningIn(self.store, self.passwords, self.throttle, settings)
        self.accounts = Accounts(self.store, self.passwords, settings, self.mail)
        self.joining = Joining(self.store, self.accounts, settings)

    def worker(self) -> Worker:
        """Return a new worker for background jobs."""
        runs = {SUGGEST: self.suggesting.run}
        return Worker(self.store, self.jobs, runs, self.suggesting.plan)

    def prepare_model(self, progress: Callable[[float], None] | None = None) -> None:
        """See that the model is there, built when missing. Raises: ModelUnavailableError."""
        prepare_model(self.settings, progress)

    def warm(self) -> None:
        """Load the model, both indexes and what lists count by, so that the first search is quick."""
        try:
            self.passwords.prepare()
            self.engine.encoder()
            for kind in KINDS:
                self.postings.overviews[kind].columns()
                self.engine.words(kind)
                self.engine.live(kind)
        finally:
            # Vectors that lie outside may be out of reach now and come back.
            self._has_warmed = True

    def is_ready(self) -> bool:
        """True when all was loaded that a search needs, its model is that of the store, and the store can be read."""
        return self._has_warmed and self.engine.fits_store() and revisions.latest(self.store.db) >= 0

    def seed(self, actor: str, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
        """Load the demo catalogue, or what is missing of it; return how many rows of each kind were gained."""
        return seed(self.store, self.importing, actor, progress)

    def seed_work(self) -> dict[str, int]:
        """Load what the demo broker did, or what is missing of it; return how many of each kind were gained."""
        return seed_work(self)

    def reindex(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Give every record a vector of the configured model; return how many were encoded."""
        return reindex(self.store, self.engine, progress)

    def complete_indexes(self, progress: Callable[[int, int], None] | None = None) -> dict[Kind, int]:
        """Bring all vectors to the place that the settings name; return how many of each kind lie there."""
        return self.engine.complete(progress)

    def close(self) -> None:
        """Close the store and what is open beside it."""
        self.engine.close()
        self.store.close()
