"""The recorded runs in docs/benchmarks/: one JSON file each, and a page made from them."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench import table

_SHOWN = 5


def record(run: dict[str, Any], folder: Path) -> Path:
    """Keep a run under its time and commit, write the page anew, and return the run's file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{re.sub(r'[^0-9T]', '', run['at'][:19])}-{run['commit'] or 'unknown'}.json"
    file.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    runs = sorted((json.loads(each.read_text(encoding="utf-8")) for each in folder.glob("*.json")), key=_at)
    (folder / "README.md").write_text(page(runs), encoding="utf-8")
    return file


def page(runs: Sequence[dict[str, Any]]) -> str:
    """Return the page: the newest run as a table, then how what is wanted went over the last runs. Oldest run first."""
    newest = runs[-1]
    rows = [table.Row(**row) for row in newest["table"]]
    lines = [
        "# Recorded runs",
        "",
        "Written by `make bench RECORD=1`; do not edit. What is measured is said in [benchmarks](../benchmarks.md).",
        "",
        f"## {_title(newest)}",
        "",
        f"{newest['processor']}, {newest['cores']} cores. Load average before and after each part, some of it its own,"
        f" and its rounds where they can be chosen: {_loads(newest)}.",
        "",
        *table.markdown(rows),
        "",
        *_over_time(runs[-_SHOWN:]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _over_time(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Return a table of the wanted figures, a column a run: the ratio where that is wanted, else the value."""
    if len(runs) < 2:
        return []
    values = [{row["name"]: _counted(row) for row in run["table"] if row["wanted"]} for run in runs]
    names = dict.fromkeys(name for each in reversed(values) for name in each)
    lines = ["## Over time", "", f"| figure | {' | '.join(map(_title, runs))} |", f"|---|{'---|' * len(runs)}"]
    return lines + [f"| {name} | {' | '.join(table.number(each.get(name)) for each in values)} |" for name in names]


def _counted(row: dict[str, Any]) -> float | None:
    value: float | None = row["ratio"] if row["wanted"].startswith("ratio") else row["measured"]
    return value


def _loads(run: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {' to '.join(map(str, part['load average']))}" + (f" ({part['rounds']})" if "rounds" in part else "")
        for name, part in run["parts"].items()
    )


def _title(run: dict[str, Any]) -> str:
    return f"{run['at'][:10]} {run['commit']}{' and changes' if run['changed since'] else ''}"


def _at(run: dict[str, Any]) -> str:
    at: str = run["at"]
    return at
