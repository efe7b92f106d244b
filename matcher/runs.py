"""Judgments and runs, in memory and as TREC files."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matcher.errors import ImportFileError
from matcher.models import Level

Qrels = dict[str, dict[str, int]]


class Row(NamedTuple):
    """One answer to a need; an order that is no ranker's has no probability, level and features."""

    item: str
    score: float
    probability: float | None = None
    level: Level | None = None
    features: tuple[float, ...] = ()


Run = dict[str, list[Row]]


def read_qrels(path: Path) -> Qrels:
    """Return need id → achievement id → grade from a TREC qrels file (`need 0 achievement grade`).

    Raises: ImportFileError naming the line that is not of that form.
    """
    qrels: Qrels = {}
    for number, line, parts in _filled_lines(path, "评判文件"):
        if len(parts) != 4 or not parts[3].isdecimal():
            raise ImportFileError(
                f"评判文件 {path.name} 第 {number} 行“{line[:60]}”应为：需求编号 0 成果编号 等级(0-3)"
            )
        qrels.setdefault(parts[0], {})[parts[2]] = int(parts[3])
    return qrels


def read_run(path: Path) -> Run:
    """Return the rows of a TREC run file (`need Q0 achievement rank score tag`), by score, equal ones as they stand.

    Raises: ImportFileError naming the line that is not of that form.
    """
    run: Run = {}
    for number, line, parts in _filled_lines(path, "运行文件"):
        score = _number(parts[4]) if len(parts) == 6 else None
        if score is None:
            raise ImportFileError(
                f"运行文件 {path.name} 第 {number} 行“{line[:60]}”应为：需求编号 Q0 成果编号 名次 分数 标签"
            )
        run.setdefault(parts[0], []).append(Row(parts[2], score))
    return {need: sorted(rows, key=lambda row: -row.score) for need, rows in run.items()}


def write_run(path: Path, run: Run, tag: str = "matcher") -> None:
    """Write a TREC run file: `need Q0 achievement rank score tag`."""
    lines = [
        f"{need} Q0 {row.item} {rank} {row.score:.6f} {tag}\n"
        for need, rows in run.items()
        for rank, row in enumerate(rows, 1)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def cut(run: Run, top: int) -> Run:
    """Return the first `top` rows of each list."""
    return {need: rows[:top] for need, rows in run.items()}


def items(run: Mapping[str, Sequence[Row]]) -> dict[str, list[str]]:
    """Return the ids of each list, best first."""
    return {need: [row.item for row in rows] for need, rows in run.items()}


def read_text(path: Path, what: str) -> str:
    """Return the text of a file. Raises: ImportFileError that says `what` it was to be."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFileError(f"无法读取{what} {path}：{error}") from error


def _filled_lines(path: Path, what: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield number, text and parts of each line that is not blank. Raises: ImportFileError."""
    for number, line in enumerate(read_text(path, what).splitlines(), 1):
        if parts := line.split():
            yield number, line, parts


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
