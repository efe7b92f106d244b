"""What `matcher evaluate` found, as lines of text and as rounded JSON values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matcher.features import FAMILY_NAMES

_DIGITS = 4
_FAILURES = {"": "找到", "retrieval": "候选中没有", "ranking": "排得靠后", "unanswerable": "没有相关成果"}


def rounded(value: Any) -> Any:
    """Return `value` with every float in it rounded to four digits."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return value


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures, a line each, and a table for each further part."""
    tables = {"per_need": _needs, "calibration": _calibration, "ablation": _ablation, "compare": _compare}
    for name, value in found.items():
        if name in tables:
            yield from tables[name](value)
        else:
            yield _line(name, value)


def _line(name: str, value: Any) -> str:
    return f"{name:<12}{value}"


def _needs(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "\n逐个需求，由差到好：nDCG@10、首个相关成果的名次、候选中的相关成果/全部相关成果、第一项的概率、结果"
    for row in rows:
        found = f"{row['relevant_in_pool']}/{row['relevant']}"
        yield (
            f"{_number(row['figures'].get('ndcg@10')):>8}{row['first_rank'] or '–':>6}{found:>8}"
            f"{_number(row['best_probability']):>8}  {row['need']}  {_FAILURES[row['failure']]}"
        )


def _calibration(found: Mapping[str, Any]) -> Iterator[str]:
    yield "\n每个需求的前 10 项，没有评判的算不相关"
    yield from _rows_figures(found)
    yield "只算评判过的"
    yield from _rows_figures(found["judged_only"])
    yield "概率与实际：区间、项数、平均概率、相关的比例"
    for each in found["reliability"]:
        span = f"{each['low']:.1f}–{each['high']:.1f}"
        yield f"{span:>10}{each['rows']:>6}{_number(each['mean']):>8}{_number(each['share']):>8}"
    yield "关联度：项数、相关（等级 2 以上）的比例"
    for each in found["levels"]:
        yield f"{each['rows']:>10}{_number(each['share']):>8}  {each['name']}"
    yield "显示的门槛：概率、项数、其中相关的比例、覆盖了多少相关的"
    yield from (_point(each) for each in found["curve"] if each["shown"])
    yield _point(found["working_point"]) + "  现行门槛"
    if found["best_point"]:
        yield _point(found["best_point"]) + "  相关的比例不低于一半时覆盖最多"
    yield from _none(found["none"])


def _rows_figures(found: Mapping[str, Any]) -> Iterator[str]:
    for name, value in found.items():
        if name in ("rows", "relevant"):
            yield f"{name:<16}{value}"
        elif name in ("base_rate", "brier", "brier_skill", "ece", "ece_equal_mass"):
            yield f"{name:<16}{_number(value)}{_span(found.get(f'{name}_interval'))}"


def _none(found: Mapping[str, Any]) -> Iterator[str]:
    yield "“没有合适的成果”：需求数"
    yield f"{'auc':<16}{_number(found['auc'])}"
    yield f"说没有  确实没有 {found['none_rightly']}  其实有 {found['none_wrongly']}"
    yield f"有显示  确实有 {found['some_rightly']}  其实没有 {found['some_wrongly']}"


def _ablation(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "\n去掉一类特征、重新训练后的变化（95% 区间，p）"
    for row in rows:
        yield f"{FAMILY_NAMES[row['family']]}（{'、'.join(row['features'])}）"
        yield from (_change(name, each) for name, each in row["differences"].items())


def _compare(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "前者 → 后者，变化（95% 区间，p），更好/更差/相同的需求数"
    for name, each in found.items():
        counts = f"{each['better']}/{each['worse']}/{each['equal']}"
        yield f"{_number(each['first'])} → {_number(each['second'])}  {_change(name, each).strip()}  {counts}"


def _change(name: str, each: Mapping[str, Any]) -> str:
    return f"  {name:<12}{each['change']:+.4f}{_span(each['interval'])}  p={_number(each['p'])}"


def _point(each: Mapping[str, Any]) -> str:
    shares = "".join(f"{_number(each[name]):>8}" for name in ("precision", "coverage"))
    return f"{_number(each['threshold']):>10}{each['shown']:>6}{shares}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.{_DIGITS}f}"


def _span(interval: Sequence[float] | None) -> str:
    return f" [{_number(interval[0])}, {_number(interval[1])}]" if interval else ""
