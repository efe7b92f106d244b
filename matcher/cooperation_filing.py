"""Filing a cooperation record: the number that it gets, and who is told what the bureau decided."""

from dataclasses import replace

from matcher.clock import today
from matcher.cooperation import Cooperation
from matcher.store import Database, cooperations, notices


def numbered(db: Database, cooperation: Cooperation) -> Cooperation:
    """Return it filed today, under the next number of its region and year."""
    day = today()
    number = cooperations.next_filing(db, cooperation.region, day.year)
    return replace(cooperation, filed_on=day, filing_number=f"产学研-{cooperation.region}-{day.year}-{number:04d}")


def tell(db: Database, cooperation: Cooperation) -> None:
    """Tell the organisations among the parties, and brokers, what the bureau decided."""
    words = {
        "filed": f"合作“{cooperation.title}”已备案，编号 {cooperation.filing_number}",
        "draft": f"合作“{cooperation.title}”的备案被退回，原因见备案页",
        "revoked": f"合作“{cooperation.title}”的备案已撤销，原因见备案页",
    }[cooperation.state]
    kind = {"filed": "filed", "draft": "returned"}.get(cooperation.state, "revoked")
    for organisation_id in (None, *sorted(cooperation.party_ids)):
        notices.add(db, kind, words, ("cooperation", cooperation.id), organisation_id=organisation_id)
