"""What people are told of an engagement: both organisations, the broker who carries it, and whose turn is due."""

from datetime import date

from matcher.engagement import UNTOLD, Engagement
from matcher.people import Account
from matcher.store import Database, notices


def tell_sides(db: Database, engagement: Engagement, words: str) -> None:
    """Tell both organisations, each in the title of its own record, unless they do not know of the engagement yet."""
    if engagement.state == UNTOLD:
        return
    sides = (
        (engagement.need_owner_id, engagement.need_title),
        (engagement.achievement_owner_id, engagement.achievement_title),
    )
    for owner_id, title in sides:
        if owner_id is not None:
            notices.add(
                db, "engagement_moved", f"“{title}”{words}", ("engagement", engagement.id), organisation_id=owner_id
            )


def tell_broker(db: Database, engagement: Engagement, account: Account | None) -> None:
    if account is not None:
        words = f"对接“{engagement.need_title}”交给您经办"
        notices.add(db, "engagement_assigned", words, ("engagement", engagement.id), account_id=account.id)


def tell_due(db: Database, engagement: Engagement, today: date) -> None:
    """Tell the broker that the next step is due or overdue, and the organisation whose turn it is."""
    when = "今天到期" if engagement.due_on == today else "已逾期"
    about: tuple[notices.About, int] = ("engagement", engagement.id)
    words = f"对接“{engagement.need_title}”的下一步{when}"
    notices.add(db, "engagement_due", words, about, account_id=engagement.broker_id)
    sides = {
        "enterprise": (engagement.need_owner_id, engagement.need_title),
        "university": (engagement.achievement_owner_id, engagement.achievement_title),
    }
    owner_id, title = sides.get(engagement.waits_for, (None, ""))
    if owner_id is not None and engagement.state != UNTOLD:
        words = f"对接“{title}”等本单位的下一步{when}"
        notices.add(db, "engagement_due", words, about, organisation_id=owner_id)
