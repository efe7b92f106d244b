"""Pages of the ranker: which version is in force, training a new one, going to another one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.learning import Training
from matcher.policy import Action
from web.access import rule
from web.current import actor, service

bp = Blueprint("rankers", __name__, url_prefix="/rankers")


@bp.get("")
@rule(Action.SEE_RANKERS)
def versions() -> str:
    """All versions, the one in force, and what can be done. Training and changing ask before they act."""
    rankers = service().rankers
    return render_template("judging/rankers.html", versions=rankers.versions(), previous=rankers.previous())


@bp.post("/train")
@rule(Action.TRAIN)
def train() -> Response:
    """Train a ranker from the verdicts and tell what came of it. Raises: RankerError; ModelMismatchError."""
    found = service().learning.train(actor(), leave_out_withdrawn="leave_out_withdrawn" in request.form)
    flash(told(found), "message" if found.installed else "warning")
    return redirect(url_for("rankers.versions"), 303)


@bp.post("/use")
@rule(Action.TRAIN)
def use() -> Response:
    """Bring another version in force. Raises: NotFoundError; RankerError."""
    ranker = service().rankers.use(request.form.get("version", ""), actor())
    flash(f"现在使用 {ranker.version}，新的匹配都按它排序。")
    return redirect(url_for("rankers.versions"), 303)


def told(found: Training) -> str:
    """Return what a training came to, in words for people."""
    learned = f"学习了 {found.verdicts} 条评判"
    if found.left_out:
        learned += f"（另有 {found.left_out} 条因需求或成果已撤回而没有采用）"
    measured = f"在留出的 {found.held_back} 条评判上"
    if found.installed is None:
        return f"{learned}，但没有启用新的排序模型：{measured}，{found.worse}。原来的版本照旧使用。"
    return f"{learned}，新版本 {found.installed.version} 已启用。{measured}，{compared(found)}。"


def compared(found: Training) -> str:
    """Return the figures of the ranker before and of the new one, in words."""
    before, after = found.before, found.after
    loss = f"对数损失 {before.log_loss:.3f} → {after.log_loss:.3f}（越小越好）"
    return f"{loss}，nDCG@10 {before.ndcg:.3f} → {after.ndcg:.3f}（越大越好）"
