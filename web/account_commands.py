"""The commands `matcher account …`, and the administrator that the first start makes."""

from typing import Any

import click

from matcher.accounts import NewAccount
from matcher.demo_people import seed_people
from matcher.models import Organisation
from matcher.passwords import generated
from matcher.people import MEMBER_ROLES, Account, MemberRole, Membership
from matcher.service import Service
from matcher.settings import Settings
from web.command_parts import json_option, opened, print_json

_MOST_LISTED = 100_000


def greet_administrator(service: Service) -> None:
    """Make an administrator if there is none, and print the password on the terminal: the only time it is seen."""
    made = service.accounts.first_administrator()
    if made is not None:
        account, password = made
        click.echo(f"已建立管理员账号。登录名：{account.login}　密码：{password}", err=True)
        click.echo("密码只显示这一次，请记下，登录后可在“我的账号”里更改。", err=True)


def greet_demo_people(service: Service) -> None:
    """Add the demo accounts that are missing, and print their passwords: the only time they are seen."""
    added = seed_people(service.accounts, service.joining, service.settings.actor)
    for person, password in added:
        role = MEMBER_ROLES[person.role]
        click.echo(f"演示账号（{person.organisation}，{role}）：登录名 {person.login}　密码 {password}", err=True)
    if added:
        click.echo("演示账号的密码只显示这一次；正式使用前请停用它们（matcher account lock）。", err=True)


def site_address(settings: Settings) -> str:
    """Return the address at which people reach the service."""
    return settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"


@click.group()
def account() -> None:
    """List, add, lock and unlock accounts, and give new passwords."""


@account.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all accounts with what they are where."""
    with opened() as service:
        rows = [
            _row(each, service.signing_in.memberships(each.id))
            for each in service.accounts.listing(size=_MOST_LISTED).items
        ]
    if as_json:
        print_json({"accounts": rows})
        return
    for row in rows:
        places = "；".join(f"{each['organisation']} {each['role_name']}" for each in row["memberships"])
        marks = "".join(mark for name, mark in (("is_administrator", " 管理员"), ("locked", " 已停用")) if row[name])
        click.echo(f"{row['login']}  {row['name']}{marks}  {places}".rstrip())


@account.command()
@click.argument("login")
@click.option("--name", help="The person's name; the login by default.")
@click.option("--organisation", help="Full name of the organisation to belong to; a new one is stored.")
@click.option("--role", type=click.Choice(list(MEMBER_ROLES)), help="What the person is in the organisation.")
@click.option("--owner", is_flag=True, help="Let the person manage the organisation's people.")
@click.option("--administrator", is_flag=True, help="Let the person do everything.")
def add(
    login: str, name: str | None, organisation: str | None, role: MemberRole | None, owner: bool, administrator: bool
) -> None:
    """Add an account for LOGIN and print its password, which is kept nowhere."""
    if bool(organisation) != bool(role):
        raise click.UsageError("--organisation and --role go together.")
    password = generated()
    with opened() as service:
        actor = service.settings.actor
        made = service.accounts.add(NewAccount(login, name or login, password), actor, administrator)
        if organisation and role:
            kind = "service" if role == "broker" else role
            found = service.joining.organisation(Organisation(name=organisation, kind=kind))
            service.joining.put(made, found.id, role, owner, actor)
    click.echo(f"已添加 {made.login}（{made.name}）。密码只显示这一次：", err=True)
    click.echo(password)


@account.command()
@click.argument("login")
def reset(login: str) -> None:
    """Print a one-time link with which LOGIN chooses a new password."""
    with opened() as service:
        found = service.accounts.by_login(login)
        token = service.accounts.reset_link(found, service.settings.actor)
        hours = service.settings.link_hours
        click.echo(f"{hours} 小时内有效，只能用一次。请只交给 {found.name} 本人：", err=True)
        click.echo(f"{site_address(service.settings)}/reset/{token}")


@account.command()
@click.argument("login")
def lock(login: str) -> None:
    """Lock LOGIN out and end its sessions."""
    _set_locked(login, True)


@account.command()
@click.argument("login")
def unlock(login: str) -> None:
    """Let LOGIN sign in again."""
    _set_locked(login, False)


@account.command("end-second-factor")
@click.argument("login")
def end_second_factor(login: str) -> None:
    """Let LOGIN sign in by password alone: the phone was lost."""
    with opened() as service:
        found = service.accounts.by_login(login)
        service.accounts.end_second_factor(found, service.settings.actor)
    click.echo(f"已关闭 {found.login} 的两步验证", err=True)


def _set_locked(login: str, locked: bool) -> None:
    with opened() as service:
        found = service.accounts.by_login(login)
        service.accounts.set_locked(found, locked, service.settings.actor)
    click.echo(f"{'已停用' if locked else '已恢复'} {found.login}", err=True)


def _row(each: Account, held: tuple[Membership, ...]) -> dict[str, Any]:
    places = [
        {
            "organisation": one.organisation,
            "role": one.role,
            "role_name": MEMBER_ROLES[one.role] + ("（负责人）" if one.is_owner else ""),
            "owner": one.is_owner,
            "state": one.state,
        }
        for one in held
    ]
    return {
        "login": each.login,
        "name": each.name,
        "is_administrator": each.is_administrator,
        "locked": each.locked_at is not None,
        "memberships": places,
    }
