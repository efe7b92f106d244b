"""What a page showed of a match, sealed into its form: a verdict comes back with exactly that, or not at all."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from matcher.answers import Match
from matcher.errors import InvalidInputError
from matcher.models import Shown
from web.current import service


def of_match(match: Match, ranker: str) -> Shown:
    """Return what a row of a ranked list shows of a match."""
    candidate = match.candidate
    return Shown(
        rank=match.rank,
        probability=round(candidate.probability or 0.0, 4),
        level=candidate.level or 1,
        ranker=ranker,
    )


def seal(need_id: int, achievement_id: int, shown: Shown) -> str:
    """Return what was shown of a match, of the present versions, as text that only this service can have written."""
    records = service().postings
    versions = records.version("need", need_id), records.version("achievement", achievement_id)
    return _sealer().dumps(
        [need_id, achievement_id, shown.rank, shown.probability, shown.level, shown.ranker, *versions]
    )


def unseal(text: str, need_id: int, achievement_id: int) -> Shown:
    """Return what was shown of the match. Raises: InvalidInputError for text that was not sealed for it."""
    try:
        need, achievement, rank, probability, level, ranker, *versions = _sealer().loads(text)
    except BadSignature:
        need = achievement = 0
    if (need, achievement) != (need_id, achievement_id):
        raise InvalidInputError({"shown": "评判页面已失效，这次评判没有记下。请返回并刷新页面后再评"})
    of_both = (versions[0], versions[1]) if versions else None
    return Shown(rank=rank, probability=probability, level=level, ranker=ranker, versions=of_both)


def _sealer() -> URLSafeSerializer:
    key = current_app.secret_key
    assert key is not None
    return URLSafeSerializer(key, salt="shown")
