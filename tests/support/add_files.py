"""A process that adds files until it is killed: `python -m tests.support.add_files HOME`."""

import io
import os
import sys
from itertools import count
from pathlib import Path

from matcher.attachments import Attachments
from matcher.settings import Settings
from matcher.store import Store
from tests.support.office_files import PDF

if __name__ == "__main__":
    settings = Settings(home=Path(sys.argv[1]))
    attachments = Attachments(Store(settings.database_path), settings)
    for number in count(os.getpid() * 1000):
        content = io.BytesIO(PDF + str(number).encode() * 200_000)
        attachments.add(("engagement", number), f"{number}.pdf", content, "", "测试")
        print(number, flush=True)
