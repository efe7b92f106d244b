"""Sending e-mail by the server that the settings name; without one nothing is sent and pages do not offer it."""

import logging
import smtplib
import ssl
import threading
from email.message import EmailMessage
from enum import Enum
from urllib.parse import parse_qs, unquote, urlsplit

from matcher.settings import Settings

_log = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 10
# Said by the server, or before anything was sent: nobody got this mail.
_REFUSALS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPResponseException,
    smtplib.SMTPNotSupportedError,
)


class Outcome(Enum):
    """What became of a mail: taken by the server, refused by it, no server there, or not known."""

    TAKEN = "taken"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class Mail:
    """Mails by the setting `smtp_url`: `smtp://` talks STARTTLS where the server offers it, `smtps://` TLS at once.

    Without `public_url` nothing is sent: links would bear whatever host name a stranger asked by.
    """

    def __init__(self, settings: Settings) -> None:
        self._server = urlsplit(settings.smtp_url if settings.public_url else "")
        self._sender = parse_qs(self._server.query).get("from", [f"noreply@{self._server.hostname}"])[0]

    @property
    def is_set(self) -> bool:
        """True when there is a server to send by."""
        return bool(self._server.hostname)

    def send_later(self, to: str, subject: str, text: str) -> None:
        """Send beside the request, which takes as long whether there is somebody to write to or not."""
        threading.Thread(target=self.send, args=(to, subject, text), name="mail", daemon=True).start()

    def send(self, to: str, subject: str, text: str) -> Outcome:
        """Send plain text; return what became of it. Why it was not taken goes to the log, without the address.

        A connection that broke while the text was on its way tells nothing: the server may have taken it.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message.set_content(text)
        try:
            connection = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            return _noted(Outcome.UNREACHABLE, error)
        try:
            connection.send_message(message)
        except _REFUSALS as error:
            return _noted(Outcome.REFUSED, error)
        except (OSError, smtplib.SMTPException) as error:
            return _noted(Outcome.UNKNOWN, error)
        finally:
            connection.close()
        return Outcome.TAKEN

    def _connected(self) -> smtplib.SMTP:
        host, context = self._server.hostname or "", ssl.create_default_context()
        if self._server.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._server.port or 465, timeout=_TIMEOUT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(host, self._server.port or 25, timeout=_TIMEOUT_SECONDS)
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=context)
        if self._server.username:
            connection.login(unquote(self._server.username), unquote(self._server.password or ""))
        return connection


def _noted(outcome: Outcome, error: Exception) -> Outcome:
    _log.warning("mail was not sent: %s (%s)", outcome.value, type(error).__name__)
    return outcome
