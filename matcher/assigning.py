"""Use cases of assignment rules: who is given which new suggestions, and how many at most."""

from collections.abc import Sequence

from matcher.controlled_lists import regions, technical_fields
from matcher.errors import InvalidInputError, NotFoundError, StaleEditError
from matcher.store import Store, assignment_rules, audit, suggestions
from matcher.suggestion import AssignmentRule

_LARGEST_CAP = 1000


class Assigning:
    """Rules of brokers, kept by themselves or by an administrator."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rule(self, account_id: int) -> AssignmentRule | None:
        """Return the rule of a broker, if there is one."""
        return assignment_rules.of_account(self._store.db, account_id)

    def rules(self) -> tuple[AssignmentRule, ...]:
        """Return the rules in force."""
        return assignment_rules.in_force(self._store.db)

    def open_counts(self) -> dict[int, int]:
        """Return account id → how many open suggestions and engagements it has; accounts without one are left out."""
        return suggestions.open_counts(self._store.db)

    def account_id(self, public_id: str) -> int:
        """Return the account of a broker. Raises: NotFoundError."""
        found = [each for each, public, _ in assignment_rules.brokers(self._store.db) if public == public_id]
        if not found:
            raise NotFoundError("没有这位技术经纪人，可能账号已停用")
        return found[0]

    def keep(self, rule: AssignmentRule, actor: str) -> None:
        """Keep a rule for new suggestions; what was given before stays.

        Raises: InvalidInputError; StaleEditError when the rule was changed since `rule.version` (0: there was none).
        """
        _check(rule)
        with self._store.transaction() as db:
            before = assignment_rules.of_account(db, rule.account_id)
            if (before.version if before else 0) != rule.version:
                raise StaleEditError("这条分配规则在您编辑期间已被他人修改，请对照最新内容后再保存")
            assignment_rules.put(db, rule)
            audit.add(db, actor, "set assignment rule", "account", rule.account_id, _facts(before), _facts(rule))

    def remove(self, account_id: int, actor: str) -> None:
        """End the rule of a broker, who is given nothing by rule from then on."""
        with self._store.transaction() as db:
            before = assignment_rules.of_account(db, account_id)
            if before is not None:
                assignment_rules.remove(db, account_id)
                audit.add(db, actor, "removed assignment rule", "account", account_id, _facts(before), {})


def _check(rule: AssignmentRule) -> None:
    problems = {}
    if wrong := [each for each in rule.fields if each not in technical_fields()]:
        problems["fields"] = f"不认识的技术领域：{'、'.join(wrong)[:60]}。请从列表中选择"
    if wrong := [each for each in rule.regions if each not in regions()]:
        problems["regions"] = f"不认识的地区：{'、'.join(wrong)[:60]}。请写全称或六位代码，如“安徽省合肥市”"
    if not 0 <= rule.cap <= _LARGEST_CAP:
        problems["cap"] = f"上限 {rule.cap} 不对，请填写 0 到 {_LARGEST_CAP} 的整数"
    if problems:
        raise InvalidInputError(problems)


def _facts(rule: AssignmentRule | None) -> dict[str, Sequence[str] | int]:
    return {} if rule is None else {"fields": rule.fields, "regions": rule.regions, "cap": rule.cap}
