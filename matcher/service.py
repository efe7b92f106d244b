"""What the outer layer calls: the use cases of one store, in groups."""

from collections.abc import Callable

from index.encoder import Encoder
from matcher.accounts import Accounts
from matcher.annexes import Annexes
from matcher.auditing import Auditing
from matcher.cooperating import Cooperations
from matcher.importing import Importing
from matcher.interests import Interests
from matcher.joining import Joining
from matcher.judging import Judging
from matcher.learning import Learning
from matcher.mail import Mail
from matcher.matching import Matching
from matcher.passwords import Passwords
from matcher.personal_data import PersonalData
from matcher.posting import Postings
from matcher.rankers import Rankers
from matcher.reindexing import reindex
from matcher.scoring import Scoring
from matcher.search_engine import SearchEngine, prepare_model
from matcher.seeding import seed
from matcher.settings import Settings
from matcher.signing_in import SigningIn
from matcher.store import Store
from matcher.throttling import Throttle


class Service:
    """`postings` keeps needs and achievements, `matching` ranks and explains, `importing` reads files, `annexes` and
    `interests` open step by step what is confidential, `cooperations` records agreements, `accounts`, `joining` and
    `signing_in` know people, `auditing` tells who did what."""

    def __init__(self, settings: Settings, encoder: Encoder | None = None) -> None:
        """Open the store; the model is loaded when it is first needed, unless `encoder` is given.

        Raises: StoreError.
        """
        self.settings = settings
        self.store = Store(settings.database_path, settings.busy_timeout_ms)
        self.engine = SearchEngine(self.store, settings, encoder)
        self.postings = Postings(self.store, self.engine)
        self.scoring = Scoring(self.store, self.engine)
        self.matching = Matching(self.store, self.engine, self.postings, self.scoring)
        self.judging = Judging(self.store)
        self.rankers = Rankers(self.store)
        self.learning = Learning(self.store, self.engine, self.scoring, self.rankers)
        self.importing = Importing(self.store, self.postings, settings.upload_limit_mb * 2**20)
        self.cooperations = Cooperations(self.store, self.postings)
        self.annexes = Annexes(self.store, self.postings)
        self.interests = Interests(self.store, self.postings, settings)
        self.auditing = Auditing(self.store)
        self.passwords = Passwords(settings.password_memory_kib, settings.password_rounds)
        self.mail = Mail(settings)
        self.personal_data = PersonalData(self.store, settings)
        self.throttle = Throttle(self.store, settings)
        self.signing_in = SigningIn(self.store, self.passwords, self.throttle, settings)
        self.accounts = Accounts(self.store, self.passwords, settings, self.mail)
        self.joining = Joining(self.store, self.accounts, settings)

    def prepare_model(self, progress: Callable[[float], None] | None = None) -> None:
        """See that the model is there, built when missing. Raises: ModelUnavailableError."""
        prepare_model(self.settings, progress)

    def warm(self) -> None:
        """Load the model and both indexes, so that the first search is quick."""
        self.passwords.prepare()
        self.engine.encoder()
        self.engine.live("need")
        self.engine.live("achievement")

    def seed(self, actor: str, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
        """Load the demo catalogue, or what is missing of it; return how many rows of each kind were gained."""
        return seed(self.store, self.importing, actor, progress)

    def reindex(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Give every record a vector of the configured model; return how many were encoded."""
        return reindex(self.store, self.engine, progress)

    def close(self) -> None:
        """Close the store."""
        self.store.close()
