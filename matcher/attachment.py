"""A file that belongs to a record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

About = Literal["cooperation", "engagement", "need", "achievement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file as the store knows it: `name` is what people call it, `stored_name` where it lies. `id` is 0 until stored.

    One that was removed has `removed_at`; its file is kept, so that it can be restored.
    """

    id: int = 0
    public_id: str
    about: About
    about_id: int
    name: str
    media_type: str
    size: int
    sha256: str
    stored_name: str
    note: str = ""
    uploaded_by: str
    created_at: datetime | None = None
    removed_at: datetime | None = None
    removed_by: str = ""
