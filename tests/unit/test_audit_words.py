"""Every action and kind that the code writes into the audit has words."""

import ast
import re
from pathlib import Path

from web.audit_words import ACTIONS, KINDS, actions_named

MATCHER = Path(__file__).parents[2] / "matcher"
# What is written by variable: names of states and of what was asked for.
VARIABLE = {
    "rewrite accepted",
    "rewrite declined",
    "interest forwarded",
    "interest accepted",
    "interest declined",
    "interest withdrawn",
}


def written() -> set[str]:
    """Return the texts that stand in calls of `audit.add` and in what is assigned to `action`."""
    found: set[str] = set()
    for path in MATCHER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.add", "self._put")
            is_name = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "action"
            if is_call or is_name:
                texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and re.fullmatch("[a-z]+( [a-z]+)*", text)}
    return found


def test_what_is_written_has_words() -> None:
    assert len(written()) > 20
    names = set(ACTIONS) | set(KINDS)
    # Names of fields stand in the same calls.
    assert {text for text in written() if " " in text} <= names
    assert names >= VARIABLE


def test_an_action_is_found_by_its_words() -> None:
    assert actions_named("保密附件") == ("changed annex", "read annex", "admitted to annex")
    assert actions_named("") == ()
