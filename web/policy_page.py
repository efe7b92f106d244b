"""The page that says who may do what, and the same as Markdown: both made from the table of the policy."""

from flask import Blueprint, render_template

from matcher.policy import CONDITIONS, TABLE, Action, Role
from web.access import rule

bp = Blueprint("policy", __name__)

_HEAD = """# Who may do what

Made from the table in `matcher/policy.py` by `matcher policy`; the page `/policy` shows the same. What it does not
allow is denied. `本单位` means: what belongs to the organisation that the person acts for. Somebody with several roles
may do what any of them may. A record that somebody may not read does not exist for them (404).
"""


@bp.get("/policy")
@rule(Action.BROWSE)
def table() -> str:
    """The table as it is in force."""
    return render_template("policy/table.html", rows=rows(), roles=list(Role))


def rows() -> list[tuple[str, list[str]]]:
    """Return each line of the table: what is done, and how far it goes for each role."""
    return [(_words(row.action, row.condition), [row.reaches[role].value for role in Role]) for row in TABLE]


def markdown() -> str:
    """Return the document with the table."""
    heads = ["可以做什么", *(role.value for role in Role)]
    lines = [heads, ["---"] * len(heads), *([words, *cells] for words, cells in rows())]
    return _HEAD + "\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _words(action: Action, condition: str) -> str:
    return f"{action.value}（{CONDITIONS[condition]}）" if condition else action.value
