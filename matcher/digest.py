"""When notices are mailed and what stands in the mail: plain text, nothing but words of notices and links. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from matcher.clock import ZONE
from matcher.notices import MailMode, Notice

SITE = "科技供需对接"
_HOUR = 8
_MOST_LISTED = 50
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Links:
    """Whole addresses that a mail leads to: the inbox, the choice of what is mailed, and before the id of a notice."""

    inbox: str
    preferences: str
    notice: str


def mail_address(login: str) -> str:
    """Return the login where it is an address to write to, or ""."""
    return login if _ADDRESS.fullmatch(login) else ""


def due_before(now: datetime) -> dict[MailMode, datetime]:
    """Return for each way of mailing before which time a notice was made that is due now.

    Daily ones go at eight in Shanghai with what was made until then, weekly ones on Mondays at eight.
    """
    here = now.astimezone(ZONE)
    morning = here.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    daily = morning if here >= morning else morning - timedelta(days=1)
    weekly = daily - timedelta(days=daily.weekday())
    return {"at_once": now, "daily": daily.astimezone(UTC), "weekly": weekly.astimezone(UTC)}


def letter(notices: Sequence[Notice], links: Links) -> tuple[str, str]:
    """Return subject and text of the mail that tells of `notices`, of which there is at least one.

    No words of a notice stand in the subject: nothing that somebody typed gets into the head of a mail.
    """
    one = len(notices) == 1
    subject = f"{SITE}：{notices[0].kind_name if one else f'{len(notices)} 条新消息'}"
    lines = [f"您在{SITE}有 {len(notices)} 条新消息：", ""]
    for each in notices[:_MOST_LISTED]:
        time = f"{each.created_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
        lines += [f"- {plain(each.words)}", f"  {time}　{links.notice}{each.public_id}", ""]
    if len(notices) > _MOST_LISTED:
        lines += [f"另有 {len(notices) - _MOST_LISTED} 条，请在网站上查看。", ""]
    return subject, "\n".join(
        [*lines, f"全部消息：{links.inbox}", f"不想再收到这样的邮件，请在这里选择：{links.preferences}"]
    )


def plain(words: str) -> str:
    """Return words as one line of text that no mail program takes for more: no line ends, controls or web addresses."""
    line = "".join(each if each.isprintable() else " " for each in words)
    line = re.sub(r"://", "：//", " ".join(line.split()))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
