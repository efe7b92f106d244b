"""Whole addresses for mails, which are written where no request tells how the service is called."""

from matcher.digest import Links
from matcher.settings import Settings


def links(settings: Settings) -> Links:
    """Return where mails lead: the routes of `web.inbox` behind the address that the settings give."""
    inbox = f"{settings.public_url.rstrip('/')}/inbox"
    return Links(inbox=inbox, preferences=f"{inbox}/preferences", notice=f"{inbox}/")
