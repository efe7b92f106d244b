"""Two runs over the same needs: by how much they differ, and whether that could be chance."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from matcher.errors import ImportFileError, InvalidInputError
from matcher.metrics import Figures, figures_by_need
from matcher.resampling import Interval, interval, paired_p
from matcher.runs import Qrels, items, read_run, read_text


class Difference(NamedTuple):
    """One figure of two runs over the same needs: `change` is second - first, `p` that of a paired test.

    `better`, `worse` and `equal` count the needs for which the second run is that.
    """

    first: float
    second: float
    change: float
    interval: Interval
    p: float
    better: int
    worse: int
    equal: int


def read_figures(path: Path, qrels: Qrels | None) -> Figures:
    """Return each need's figures of a TREC run file, or of a report made with `--per-need --json`.

    Raises: ImportFileError; InvalidInputError when a run has no judgments, or none of its needs is judged.
    """
    text = read_text(path, "运行文件")
    if text.lstrip().startswith("{"):
        return _figures_of_report(path, text)
    if qrels is None:
        raise InvalidInputError({"qrels": f"{path.name} 是 TREC 运行文件，比较它要用 --qrels 给出评判文件"})
    run = read_run(path)
    if not set(run) & set(qrels):
        raise InvalidInputError({"qrels": f"评判文件里没有 {path.name} 中的任何需求；请检查两个文件是否配套"})
    # A need for which the run has no line got no answer.
    return figures_by_need(items({need: run.get(need, []) for need in qrels}), qrels)


def compare(first: Figures, second: Figures) -> dict[str, Difference]:
    """Return the difference in each figure. Raises: InvalidInputError when the two are not of the same needs."""
    if any(set(values) != set(second.get(name, {})) for name, values in first.items()):
        raise InvalidInputError({"compare": "两次评测的需求不同，不能逐个比较；请用同一份评判文件各评一次"})
    return {name: _difference(values, second[name]) for name, values in first.items() if values}


def _difference(first: Mapping[str, float], second: Mapping[str, float]) -> Difference:
    changes = [second[need] - value for need, value in first.items()]
    return Difference(
        first=fmean(first.values()),
        second=fmean(second.values()),
        change=fmean(changes),
        interval=interval(changes),
        p=paired_p(changes),
        better=sum(change > 0 for change in changes),
        worse=sum(change < 0 for change in changes),
        equal=sum(change == 0 for change in changes),
    )


def _figures_of_report(path: Path, text: str) -> Figures:
    figures: Figures = {}
    try:
        for row in json.loads(text)["per_need"]:
            for name, value in row["figures"].items():
                figures.setdefault(name, {})[row["need"]] = float(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImportFileError(
            f"{path.name} 不是 matcher evaluate --per-need --json 的报告；请带上这两个选项重新评测"
        ) from error
    return figures
