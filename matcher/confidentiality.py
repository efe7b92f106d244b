"""The confidentiality statement, and who accepted it to read which annex. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

STATEMENT = (
    "本单位申请阅读这条记录的保密附件，并承诺：",
    "一、附件内容只用于评估和商谈这一项合作，不用于其他目的，不据此申请专利或者发表。",
    "二、只让为此必须知道的本单位人员阅读，并告知他们同样负有保密责任；不向第三方提供、转述或者复制传播。",
    "三、合作没有达成、对方收回阅读权限或者提出要求时，停止使用并销毁留存的内容。",
    "四、已经公开的、本单位此前已合法掌握的、或者法律要求提供的内容不在此限；依法提供前先告知对方。",
    "五、保密责任自接受之日起持续三年，不因合作未达成而终止。双方另有书面约定的，从其约定。",
)
_NUMBER = "1"
# What is recorded with an acceptance: the number of the text and a digest, which shows if it was ever altered.
VERSION = f"{_NUMBER}-{hashlib.sha256(chr(10).join(STATEMENT).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """An organisation that accepted the statement (which version, when, by whom) and perhaps was let in."""

    organisation_id: int
    organisation: str
    statement: str
    accepted_at: datetime
    accepted_by: str
    admitted_at: datetime | None = None
    admitted_by: str = ""
