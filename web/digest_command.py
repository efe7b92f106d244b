"""The command `matcher digest`, and the rounds of a running service: telling what runs out, and mailing."""

import logging
import threading
from dataclasses import asdict

import click

from matcher.errors import MatcherError
from matcher.mailing import Round
from matcher.service import Service
from web.command_parts import json_option, opened, print_json
from web.mail_links import links

_log = logging.getLogger(__name__)
_SECONDS_BETWEEN_ROUNDS = 60


@click.command()
@json_option
def digest(as_json: bool) -> None:
    """Tell of interests that run out soon and mail the notices that are due; safe to run at any time, by any number."""
    with opened() as service:
        expiring, done = make_round(service)
        waiting = service.mailing.state_counts()
        is_set = service.mail.is_set
    if as_json:
        print_json({"expiring": expiring, **asdict(done), "states": waiting})
    elif not is_set:
        click.echo("没有设置 MATCHER_SMTP_URL 和 MATCHER_PUBLIC_URL，不寄邮件", err=True)
    else:
        lost = waiting.get("claimed", 0)
        click.echo(
            f"已寄出 {done.mails} 封邮件（{done.notices} 条消息），未寄出 {done.refused} 封"
            + (f"；{lost} 条不知是否寄到，不再寄" if lost else ""),
            err=True,
        )
    if not done.is_reachable:
        raise MatcherError("邮件服务器连不上，请检查 MATCHER_SMTP_URL；这些邮件下次再寄")


def make_round(service: Service) -> tuple[int, Round]:
    """Return how many interests and engagements were told of as running out, and what came of mailing what is due."""
    told = service.interests.tell_expiring() + service.engagements.tell_due()
    return told, service.mailing.send_due(links(service.settings))


class Courier:
    """Makes a round each minute beside the pages of a running service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin; the first round is a minute from now."""
        self._thread.start()

    def stop(self) -> None:
        """Make no further round, and wait for the one that is being made."""
        self._stopped.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopped.wait(_SECONDS_BETWEEN_ROUNDS):
            try:
                make_round(self._service)
            except MatcherError as error:
                _log.warning("no round of mails: %s", type(error).__name__)
