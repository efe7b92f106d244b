"""Notices: what people are told of."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations


@migrations()
def notices(db: Database) -> None:
    """One row a notice: to one account, to all people of an organisation, or, with neither, to all brokers."""
    db.execute(
        """create table notice (
            id integer primary key autoincrement, kind text not null, words text not null,
            about text not null, about_id integer not null,
            organisation_id integer references organisation(id) on delete cascade,
            account_id integer references account(id) on delete cascade, created_at text not null)"""
    )
    db.execute("create index notice_organisation on notice(organisation_id)")
    db.execute("create index notice_account on notice(account_id)")


@migrations()
def notice_deliveries(db: Database) -> None:
    """Who got which notice, whether it was read and mailed; what people chose; expiry that was told of.

    `route` says as what somebody is told, and so until when it may be read: as oneself, as a member of
    `organisation_id`, or as a broker.
    """
    db.execute(
        """create table notice_delivery (
            account_id integer not null references account(id) on delete cascade,
            notice_id integer not null references notice(id) on delete cascade,
            public_id text not null unique,
            route text not null check (route in ('account', 'organisation', 'brokers')),
            organisation_id integer references organisation(id) on delete cascade,
            in_app integer not null, read_at text,
            mail text not null check (mail in ('no', 'at_once', 'daily', 'weekly')),
            mail_state text not null default 'waiting'
                check (mail_state in ('waiting', 'claimed', 'sent', 'failed')),
            tries integer not null default 0, tried_at text,
            primary key (account_id, notice_id)) without rowid"""
    )
    db.execute("create index notice_delivery_notice on notice_delivery(notice_id)")
    db.execute(
        "create index notice_delivery_unread on notice_delivery(account_id, route, organisation_id)"
        " where read_at is null and in_app = 1"
    )
    db.execute(
        "create index notice_delivery_waiting on notice_delivery(account_id)"
        " where mail_state = 'waiting' and mail <> 'no'"
    )
    _create_choices(db)


def _create_choices(db: Database) -> None:
    db.execute(
        """create table notice_preference (
            account_id integer not null references account(id) on delete cascade,
            kind text not null, in_app integer not null, mail text not null,
            primary key (account_id, kind)) without rowid"""
    )
    db.execute("alter table interest add column expiry_told text not null default ''")
    db.execute(
        """create table told_pair (
            need_id integer not null references need(id) on delete cascade,
            achievement_id integer not null references achievement(id) on delete cascade,
            told_at text not null, primary key (need_id, achievement_id)) without rowid"""
    )
    db.execute("create index told_pair_achievement on told_pair(achievement_id)")
