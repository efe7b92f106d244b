"""The nouns of accounts as frozen values. Password hashes and tokens stay in the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from matcher.policy import Role, Viewer

MemberRole = Literal["enterprise", "university", "institute", "broker"]
MEMBER_ROLES: dict[MemberRole, str] = {
    "enterprise": "企业成员",
    "university": "高校成员",
    "institute": "科研院所成员",
    "broker": "技术经纪人",
}
_POLICY_ROLES: dict[str, Role] = {
    "enterprise": Role.ENTERPRISE,
    "university": Role.UNIVERSITY,
    "institute": Role.UNIVERSITY,
    "broker": Role.BROKER,
}

# What histories and the audit name where nobody who is signed in acts: the service by itself, and a visitor.
ITSELF, NOBODY = "系统", "未登录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who can sign in. `public_id` is random and stands in addresses; `name` is unique."""

    id: int
    public_id: str
    login: str
    name: str
    is_administrator: bool = False
    is_demo: bool = False
    locked_at: datetime | None = None
    created_at: datetime | None = None
    has_second_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What an account is in one organisation. One that waits to be admitted is pending and gives no rights."""

    account: Account
    organisation_id: int
    organisation: str
    organisation_is_pending: bool
    role: MemberRole
    is_owner: bool
    state: Literal["pending", "active"]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in of an account that still holds. `public_id` is no secret; the token is kept by the browser alone."""

    public_id: str
    account: Account
    organisation_id: int | None
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a one-time link is for: joining an organisation, or a new password."""

    public_id: str
    purpose: Literal["invitation", "reset"]
    account_id: int | None
    organisation_id: int | None
    role: str
    is_owner: bool
    created_by: str
    expires_at: datetime


def viewer_of(account: Account, membership: Membership | None) -> Viewer:
    """Return the account as it acts for the organisation of `membership`; a pending one gives nothing."""
    roles = {Role.ACCOUNT} | ({Role.ADMINISTRATOR} if account.is_administrator else set())
    if membership is None or membership.state != "active":
        return Viewer(roles=frozenset(roles), account_id=account.id, name=account.name)
    roles |= {_POLICY_ROLES[membership.role]} | ({Role.OWNER} if membership.is_owner else set())
    return Viewer(
        roles=frozenset(roles),
        account_id=account.id,
        name=account.name,
        organisation_id=membership.organisation_id,
        organisation=membership.organisation,
    )
