"""A background job: its states and its parts. Pure."""

from dataclasses import dataclass
from datetime import datetime

STATES = {"waiting": "等待执行", "running": "进行中", "done": "已完成", "failed": "没有成功", "stopped": "已停止"}
OPEN = ("waiting", "running")
KINDS = {"suggest": "查找匹配建议"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of background work. `attempts` counts how often a worker took it up; `errors` are of single records.

    While it is running, `worker` holds it until `lease_until`; from then on another one may go on with it.
    """

    id: int
    public_id: str
    kind: str
    state: str
    done: int
    total: int
    message: str
    errors: tuple[str, ...]
    worker: str
    lease_until: datetime | None
    attempts: int
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """True while there is something left to do."""
        return self.state in OPEN
