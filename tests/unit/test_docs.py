"""The documents say what the code does: every setting and every command is described."""

from dataclasses import fields
from pathlib import Path

import pytest

from matcher.settings import Settings
from web.cli import main
from web.policy_page import markdown

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_stands_in_the_readme(setting) -> None:  # type: ignore[no-untyped-def]
    row = f"| `MATCHER_{setting.name.upper()}` | `{setting.default}` | {setting.metadata['help']} |"
    assert row in (REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_and_is_described(name: str) -> None:
    assert main.commands[name].help
    assert f"`matcher {name}" in (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_policy_is_documented_as_it_is() -> None:
    path = REPOSITORY / "docs" / "policy.md"
    assert path.read_text(encoding="utf-8") == markdown(), "run: .venv/bin/matcher policy > docs/policy.md"


def test_the_readme_names_the_two_commands_first() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert text.index("make run") < text.index("make test") < text.index("## ")
