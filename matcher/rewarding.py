"""Use cases of rewards: what the rules in force give the recorded cooperations."""

from collections.abc import Iterator

from matcher.clock import today
from matcher.controlled_lists import regions
from matcher.cooperation import KINDS, OUTCOME_KINDS, Cooperation, CooperationFilters
from matcher.reward_rules import read_rules
from matcher.rewards import Claim, Deal, Result, claims
from matcher.settings import Settings
from matcher.store import Store, attachments, cooperations

_LOT = 500


class Rewards:
    """Nothing of it is stored: it follows from the records and the rules of this moment."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Read the rules. Raises: MatcherError for a file of rules that breaks a rule itself."""
        self._store = store
        self.rules = read_rules(settings.rewards, tuple(KINDS), tuple(OUTCOME_KINDS))

    def claims(self, party_id: int | None = None, region: str = "", year: int | None = None) -> tuple[Claim, ...]:
        """Return what the rules give all records, or those of a party, a region or a year of signing, newest first."""
        with_agreement = attachments.owners(self._store.db, "cooperation")
        within = regions().within(region) if region else None
        deals = [deal_of(each, each.id in with_agreement) for each in self._records(party_id, year)]
        wanted = [deal for deal in deals if within is None or deal.region in within]
        return claims(self.rules, sorted(wanted, key=lambda deal: -deal.id), today())

    def of(self, cooperation: Cooperation) -> tuple[Claim, ...]:
        """Return what the rules give one record."""
        deal = deal_of(cooperation, cooperation.id in attachments.owners(self._store.db, "cooperation"))
        return claims(self.rules, [deal], today())

    def _records(self, party_id: int | None, year: int | None) -> Iterator[Cooperation]:
        """Yield the records of the places that rules are for, each once."""
        prefixes = {rule.region for rule in self.rules}
        for prefix in sorted(prefixes):
            if any(prefix != other and prefix.startswith(other) for other in prefixes):
                continue
            asked = CooperationFilters(region=prefix.ljust(6, "0"), party_id=party_id, year=year)
            number, pages = 1, 1
            while number <= pages:
                page = cooperations.listing(self._store.db, asked, number=number, size=_LOT)
                yield from page.items
                number, pages = number + 1, page.pages


def deal_of(cooperation: Cooperation, has_agreement: bool) -> Deal:
    """Return a record as rules see it; one that was ended or revoked is over, a draft is not submitted."""
    return Deal(
        id=cooperation.id,
        title=cooperation.title,
        parties="、".join(each.name for each in cooperation.parties),
        region=cooperation.region,
        kind=cooperation.kind,
        is_over=cooperation.state in ("terminated", "revoked"),
        is_submitted=cooperation.state != "draft",
        is_filed=bool(cooperation.filing_number),
        is_completed=cooperation.state == "completed",
        signed_on=cooperation.signed_on,
        starts_on=cooperation.starts_on,
        has_agreement=has_agreement,
        registration_number=cooperation.registration_number,
        results=tuple(Result(each.title, each.kind, bool(each.evidence.strip())) for each in cooperation.outcomes),
    )
