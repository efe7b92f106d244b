"""Use cases of belonging to an organisation: ask to join, be admitted, invite, be invited, manage people."""

from datetime import UTC, datetime, timedelta

from matcher.accounts import Accounts, NewAccount
from matcher.errors import IllegalTransitionError, InvalidInputError, LinkError, NotFoundError
from matcher.models import Organisation
from matcher.people import MEMBER_ROLES, NOBODY, Account, Link, MemberRole, Membership
from matcher.settings import Settings
from matcher.store import Database, Store, accounts, audit, links, memberships, notices, organisations
from matcher.tokens import new_public_id, new_token, token_hash

_LONGEST_NAME = 200


class Joining:
    """Who belongs where, and how one gets there."""

    def __init__(self, store: Store, known: Accounts, settings: Settings) -> None:
        self._store = store
        self._accounts = known
        self._link_hours = settings.link_hours

    def sign_up(self, new: NewAccount, organisation: str, role: str) -> Account:
        """Store an account that waits to be admitted to an organisation; one that is not known waits as well.

        Raises: InvalidInputError.
        """
        problems = _problems(organisation, role)
        try:
            hashed = self._accounts.checked(new)
        except InvalidInputError as error:
            problems = error.problems | problems
        if problems:
            raise InvalidInputError(problems)
        with self._store.transaction() as db:
            account = self._accounts.insert(db, new, hashed, NOBODY)
            found = self._organisation(db, organisation, role)
            memberships.put(db, account.id, found.id, role, False, "pending")
            audit.add(db, account.name, "asked to join", "organisation", found.id, {}, {"role": role})
            self._tell_admitters(db, account, found)
        return account

    def waiting(self) -> tuple[Membership, ...]:
        """Return who waits to be admitted, anywhere, oldest first."""
        return memberships.pending(self._store.db)

    def people(self, organisation_id: int) -> tuple[Membership, ...]:
        """Return who belongs to an organisation or waits to, oldest first."""
        return memberships.of_organisation(self._store.db, organisation_id)

    def organisations(self) -> tuple[tuple[int, str, str, int], ...]:
        """Return (id, name, kind, people) of each organisation, those with most people first."""
        return memberships.counts(self._store.db)

    def organisation(self, organisation: Organisation) -> Organisation:
        """Return the organisation of that name, stored if it is new, and admitted if it waited."""
        with self._store.transaction() as db:
            found = organisations.add(db, organisation)
            organisations.confirm(db, found.id)
        return found

    def known(self, organisation_id: int) -> Organisation:
        """Return the organisation. Raises: NotFoundError."""
        found = organisations.get(self._store.db, organisation_id)
        if found is None:
            raise NotFoundError("没有这个单位，可能已被删除")
        return found

    def membership(self, public_id: str, organisation_id: int) -> Membership:
        """Return what an account is in an organisation. Raises: NotFoundError."""
        account = accounts.find(self._store.db, public_id)
        found = memberships.get(self._store.db, account.id, organisation_id) if account else None
        if found is None:
            raise NotFoundError("这个单位没有这位成员，可能已被移出")
        return found

    def admit(self, public_id: str, organisation_id: int, actor: str) -> Membership:
        """Let in somebody who waits; the first of an organisation becomes its owner. Raises: NotFoundError."""
        with self._store.transaction() as db:
            found = self.membership(public_id, organisation_id)
            first = not memberships.has_owner(db, organisation_id)
            organisations.confirm(db, organisation_id)
            if found.state == "pending":
                self._put(db, found.account, organisation_id, found.role, first, actor, "admitted")
                words = f"您加入{found.organisation}的申请已通过"
                about: tuple[notices.About, int] = ("organisation", organisation_id)
                notices.add(db, "membership", words, about, account_id=found.account.id)
            return self.membership(public_id, organisation_id)

    def refuse(self, public_id: str, organisation_id: int, actor: str) -> None:
        """Turn away somebody who waits; what nobody belongs to any more goes too. Raises: NotFoundError."""
        with self._store.transaction() as db:
            found = self.membership(public_id, organisation_id)
            if found.state != "pending":
                raise IllegalTransitionError(f"{found.account.name} 已是成员，不能再拒绝；可以移出单位")
            memberships.remove(db, found.account.id, organisation_id)
            organisations.forget_pending(db, organisation_id)
            audit.add(db, actor, "refused", "account", found.account.id, {}, {"organisation": found.organisation})
            if not memberships.of_account(db, found.account.id):
                accounts.remove(db, found.account.id)

    def change(self, public_id: str, organisation_id: int, role: str, is_owner: bool, actor: str) -> None:
        """Give a member another role, or make an owner or no owner of it.

        Raises: NotFoundError; InvalidInputError; IllegalTransitionError when no owner would be left.
        """
        if role not in MEMBER_ROLES:
            raise InvalidInputError({"role": f"“{role}”不是成员身份，可选：{'、'.join(MEMBER_ROLES.values())}"})
        with self._store.transaction() as db:
            found = self._active(public_id, organisation_id)
            if found.is_owner and not is_owner:
                self._check_other_owner(found)
            self._put(db, found.account, organisation_id, role, is_owner, actor, "changed role")

    def remove(self, public_id: str, organisation_id: int, actor: str) -> None:
        """Take a member out of an organisation. Raises: NotFoundError; IllegalTransitionError for the last owner."""
        with self._store.transaction() as db:
            found = self._active(public_id, organisation_id)
            if found.is_owner:
                self._check_other_owner(found)
            memberships.remove(db, found.account.id, organisation_id)
            audit.add(db, actor, "removed", "account", found.account.id, {"organisation": found.organisation}, {})

    def put(self, account: Account, organisation_id: int, role: MemberRole, is_owner: bool, actor: str) -> None:
        """Make an account a member of an organisation at once."""
        with self._store.transaction() as db:
            self._put(db, account, organisation_id, role, is_owner, actor, "added")

    def invite(self, organisation_id: int, role: str, is_owner: bool, actor: str) -> str:
        """Return the token of an invitation into an organisation. Raises: InvalidInputError."""
        if role not in MEMBER_ROLES:
            raise InvalidInputError({"role": f"请选择身份：{'、'.join(MEMBER_ROLES.values())}"})
        token = new_token()
        link = Link(
            public_id=new_public_id(),
            purpose="invitation",
            account_id=None,
            organisation_id=organisation_id,
            role=role,
            is_owner=is_owner,
            created_by=actor,
            expires_at=datetime.now(UTC) + timedelta(hours=self._link_hours),
        )
        with self._store.transaction() as db:
            links.add(db, token_hash(token), link)
            audit.add(db, actor, "invited", "organisation", organisation_id, {}, {"role": role, "owner": is_owner})
        return token

    def invitations(self, organisation_id: int) -> tuple[Link, ...]:
        """Return the invitations into an organisation that still hold, newest first."""
        return links.of_organisation(self._store.db, organisation_id, datetime.now(UTC))

    def withdraw(self, organisation_id: int, public_id: str, actor: str) -> None:
        """Make an invitation of an organisation worthless; one that is gone already stays so."""
        with self._store.transaction() as db:
            if any(each.public_id == public_id for each in self.invitations(organisation_id)):
                links.remove(db, public_id)
                audit.add(db, actor, "withdrew invitation", "organisation", organisation_id, {}, {})

    def invitation(self, token: str) -> tuple[Link, Organisation]:
        """Return what a link invites to. Raises: LinkError."""
        link = links.find(self._store.db, token_hash(token), "invitation", datetime.now(UTC))
        found = organisations.get(self._store.db, link.organisation_id) if link and link.organisation_id else None
        if link is None or found is None:
            raise LinkError("这个邀请链接已经用过、已过期、已撤回，或不完整。请向邀请您的人要一个新的")
        return link, found

    def accept(self, token: str, new: NewAccount) -> Account:
        """Store an account that belongs to the organisation at once. Raises: LinkError; InvalidInputError."""
        self.invitation(token)
        hashed = self._accounts.checked(new)
        with self._store.transaction() as db:
            link, found = self.invitation(token)
            account = self._accounts.insert(db, new, hashed, NOBODY)
            self._join(db, account, link, found)
        return account

    def accept_as(self, token: str, account: Account) -> Organisation:
        """Let somebody who has an account join the organisation; return it. Raises: LinkError."""
        with self._store.transaction() as db:
            link, found = self.invitation(token)
            self._join(db, account, link, found)
        return found

    def _join(self, db: Database, account: Account, link: Link, found: Organisation) -> None:
        held = memberships.get(db, account.id, found.id)
        keeps_owner = held is not None and held.state == "active" and held.is_owner
        self._put(db, account, found.id, link.role, link.is_owner or keeps_owner, account.name, "joined")
        links.remove(db, link.public_id)

    def _put(
        self, db: Database, account: Account, organisation_id: int, role: str, is_owner: bool, actor: str, action: str
    ) -> None:
        memberships.put(db, account.id, organisation_id, role, is_owner, "active")
        told = {"organisation_id": organisation_id, "role": role, "owner": is_owner}
        audit.add(db, actor, action, "account", account.id, {}, told)

    def _active(self, public_id: str, organisation_id: int) -> Membership:
        found = self.membership(public_id, organisation_id)
        if found.state != "active":
            raise IllegalTransitionError(f"{found.account.name} 还没有通过审核，请先批准或拒绝")
        return found

    def _check_other_owner(self, membership: Membership) -> None:
        others = memberships.of_organisation(self._store.db, membership.organisation_id)
        if not any(each.is_owner and each.account.id != membership.account.id for each in others):
            raise IllegalTransitionError(f"{membership.account.name} 是唯一的负责人。请先请另一位成员担任负责人")

    def _tell_admitters(self, db: Database, account: Account, found: Organisation) -> None:
        """Tell the owners of an organisation and the administrators that somebody waits to be admitted."""
        owners = {each.account.id for each in memberships.of_organisation(db, found.id) if each.is_owner}
        words = f"{account.name} 申请加入{found.name}，等待审核"
        for told in sorted({*owners, *accounts.administrator_ids(db)}):
            notices.add(db, "membership", words, ("organisation", found.id), account_id=told)

    def _organisation(self, db: Database, name: str, role: str) -> Organisation:
        kind = "service" if role == "broker" else role
        return organisations.add(db, Organisation(name=name.strip(), kind=kind, is_pending=True))


def _problems(organisation: str, role: str) -> dict[str, str]:
    problems = {}
    if not 0 < len(organisation.strip()) <= _LONGEST_NAME or not organisation.isprintable():
        problems["organisation"] = f"请填写单位全称，最多 {_LONGEST_NAME} 个字"
    if role not in MEMBER_ROLES:
        problems["role"] = f"请选择身份：{'、'.join(MEMBER_ROLES.values())}"
    return problems
