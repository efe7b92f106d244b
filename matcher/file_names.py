"""Names of uploaded files, made fit to be shown and to stand in a header. Pure."""

import re
import unicodedata

LONGEST_NAME = 120
_UNNAMED = "未命名"
# What some system takes for part of a path or refuses in a name.
_RESERVED = re.compile(r'[<>:"|?*%]')


def clean_name(name: str) -> str:
    """Return the last part of a path without anything that is not seen or not allowed in file names.

    Characters that turn the writing direction are dropped: they make `exe.fdp` out of what ends in `pdf.exe`.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(character for character in last if not unicodedata.category(character).startswith(("C", "Zl", "Zp")))
    plain = " ".join(_RESERVED.sub("_", seen).split()).strip(". ")
    return _shortened(plain) or _UNNAMED


def extension(name: str) -> str:
    """Return what stands after the last dot, in small letters; "" without a dot."""
    return name.rpartition(".")[2].casefold() if "." in name else ""


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    end = f".{extension(name)}"
    return name[: LONGEST_NAME - len(end)] + end if len(end) < 10 else name[:LONGEST_NAME]
