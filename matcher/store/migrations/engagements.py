"""Engagements: matches that brokers carry to a contract, their logs and meetings."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations


@migrations()
def engagements(db: Database) -> None:
    """One open engagement a pair at most; a log that cannot be rewritten, numbered within each; meetings."""
    db.execute(
        """create table engagement (
            id integer primary key autoincrement, public_id text not null unique,
            need_id integer not null references need(id), achievement_id integer not null references achievement(id),
            state text not null, waits_for text not null, next_step text not null default '', due_on text,
            reason text not null default '',
            broker_id integer references account(id) on delete set null,
            broker_organisation_id integer references organisation(id) on delete set null,
            interest_id integer, cooperation_id integer, due_told text not null default '',
            version integer not null, created_at text not null, updated_at text not null)"""
    )
    db.execute(
        "create unique index engagement_open_pair on engagement(need_id, achievement_id)"
        " where state not in ('signed', 'ended')"
    )
    db.execute("create index engagement_achievement on engagement(achievement_id)")
    db.execute("create index engagement_broker on engagement(broker_id, state)")
    _create_log(db)
    db.execute(
        """create table engagement_meeting (
            id integer primary key autoincrement, public_id text not null unique,
            engagement_id integer not null references engagement(id),
            title text not null, starts_at text not null, ends_at text not null, place text not null,
            attendees text not null, sequence integer not null, cancelled_at text)"""
    )
    db.execute("create index engagement_meeting_engagement on engagement_meeting(engagement_id)")


def _create_log(db: Database) -> None:
    db.execute(
        """create table engagement_event (
            engagement_id integer not null references engagement(id), number integer not null,
            at text not null, actor text not null, action text not null, changes text not null, note text not null,
            is_shared integer not null, primary key (engagement_id, number)) without rowid"""
    )
    for verb in ("update", "delete"):
        db.execute(
            f"""create trigger engagement_event_no_{verb} before {verb} on engagement_event
                begin select raise(abort, 'engagement_event is append-only'); end"""
        )
