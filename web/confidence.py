"""Probabilities and log-odds in words and figures that people read: 把握约七成, 68%, 加 12 分."""

import math

_TENTHS = "零一二三四五六七八九"
_POINTS_TO_DOUBLE = 10


def in_words(probability: float) -> str:
    """Return how sure a match is, in tenths (把握约七成)."""
    tenths = round(10 * probability)
    if probability < 0.05:
        return "把握很小"
    if tenths == 0 or tenths == 10:
        return "把握不到一成" if tenths == 0 else "把握九成以上"
    return f"把握约{_TENTHS[tenths]}成"


def percent(probability: float) -> str:
    """Return a probability in whole per cent; what is neither impossible nor certain never looks so."""
    if probability < 0.01:
        return "不到 1%"
    return "99% 以上" if probability > 0.99 else f"{round(100 * probability)}%"


def probability(log_odds: float) -> float:
    """Return 1 / (1 + exp(-log_odds)), 0-1."""
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, log_odds))))


def points(log_odds: float) -> int:
    """Return log-odds as points of a score card: each 10 points double the odds."""
    return round(log_odds * _POINTS_TO_DOUBLE / math.log(2))


def points_figure(log_odds: float) -> str:
    """Return log-odds as a figure in points, with a true minus sign."""
    return str(points(log_odds)).replace("-", "−")


def points_in_words(log_odds: float, decimals: int = 0) -> str:
    """Return what a part of the score adds or takes away (加 12 分), to so many decimals."""
    count = round(log_odds * _POINTS_TO_DOUBLE / math.log(2), decimals)
    if count == 0:
        return "不加不减"
    return f"{'加' if count > 0 else '减'} {abs(count):.{decimals}f} 分"
