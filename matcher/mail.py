"""Sending e-mail by the server that the settings name; without one nothing is sent and pages do not offer it."""

import logging
import smtplib
import ssl
import threading
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from matcher.settings import Settings

_log = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 10


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

    def send(self, to: str, subject: str, text: str) -> bool:
        """Send plain text; return whether the server took it. Why not goes to the log, without the address."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message.set_content(text)
        try:
            with self._connected() as connection:
                connection.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            _log.warning("mail was not sent: %s", type(error).__name__)
            return False
        return True

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
