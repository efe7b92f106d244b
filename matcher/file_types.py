"""What a file is, told by its content: only what is plainly one of a few kinds, under a name that says the same."""

import struct
import xml.etree.ElementTree as ElementTree
import zipfile
from typing import BinaryIO, NamedTuple

import puremagic

from matcher.errors import InvalidInputError
from matcher.file_names import extension

_HEAD_BYTES = 4096
_DIRECTORY_END_BYTES = 22
_ZIP64_LOCATOR_BYTES = 20
_MOST_DIRECTORY_BYTES = 2 * 2**20
_MOST_PART_BYTES = 2**20
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OFD_ROOT = "{http://www.ofdspec.org/2016}OFD"


class FileType(NamedTuple):
    """A kind of file that is taken: its media type, its words, how it begins."""

    media_type: str
    words: str
    start: bytes


TYPES = {
    "pdf": FileType("application/pdf", "PDF", b"%PDF-"),
    "png": FileType("image/png", "PNG 图片", b"\x89PNG\r\n\x1a\n"),
    "jpg": FileType("image/jpeg", "JPEG 图片", b"\xff\xd8\xff"),
    "jpeg": FileType("image/jpeg", "JPEG 图片", b"\xff\xd8\xff"),
    "docx": FileType(f"{_OFFICE}.wordprocessingml.document", "Word 文档（.docx）", b"PK\x03\x04"),
    "xlsx": FileType(f"{_OFFICE}.spreadsheetml.sheet", "Excel 表格（.xlsx）", b"PK\x03\x04"),
    "ofd": FileType("application/ofd", "OFD 版式文件", b"PK\x03\x04"),
}
# The content type of the part that makes a package a document of its kind.
_MAIN_PART = {"docx": f"{TYPES['docx'].media_type}.main+xml", "xlsx": f"{TYPES['xlsx'].media_type}.main+xml"}
_MACRO_EXTENSIONS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam"})
_OLD_OFFICE = {"doc": "docx", "xls": "xlsx", "wps": "docx", "et": "xlsx"}
_WITHOUT_MACROS = "不接受。请在 Office 里另存为不带宏的 .docx 或 .xlsx 再上传"
ACCEPTED_WORDS = "、".join(dict.fromkeys(each.words for each in TYPES.values()))


class _NotThatError(Exception):
    """The content is not what the name says."""


def media_type(name: str, content: BinaryIO) -> str:
    """Return the media type of a file that is what its name says it is; `content` can be sought in.

    Raises: InvalidInputError for a kind that is not taken, content that is something else, macros.
    """
    wanted = _type_of_name(name)
    content.seek(0)
    head = content.read(_HEAD_BYTES)
    if not head:
        raise InvalidInputError({"file": f"文件“{name}”是空的，请重新选择"})
    try:
        _check_start(extension(name), wanted, head)
        if wanted.start == b"PK\x03\x04":
            _check_package(extension(name), name, content)
    except (_NotThatError, zipfile.BadZipFile, ElementTree.ParseError, *_READING) as error:
        told = (
            f"文件“{name}”的内容不是{wanted.words}{_really(head)}。请确认文件能正常打开、扩展名没有改过，再上传原文件"
        )
        raise InvalidInputError({"file": told}) from error
    return wanted.media_type


# What `zipfile` raises for archives that are damaged, encrypted or packed in a way it does not know.
_READING = (OSError, RuntimeError, NotImplementedError, EOFError, ValueError, KeyError, struct.error)


def _type_of_name(name: str) -> FileType:
    end = extension(name)
    if end in TYPES:
        return TYPES[end]
    if end in _MACRO_EXTENSIONS:
        told = f"“{name}”是可以带宏的 Office 文件，{_WITHOUT_MACROS}"
    elif end in _OLD_OFFICE:
        told = f"“{name}”是旧格式的 Office 文件，请另存为 .{_OLD_OFFICE[end]} 再上传"
    else:
        told = f"不接受“{name}”这种文件。可以上传{ACCEPTED_WORDS}"
    raise InvalidInputError({"file": told})


def _check_start(end: str, wanted: FileType, head: bytes) -> None:
    if not head.startswith(wanted.start):
        raise _NotThatError
    # OFD is a Chinese standard that the list of signatures lacks: its archive is looked into below.
    if end != "ofd" and f".{end}" not in {found.extension for found in puremagic.magic_string(head)}:
        raise _NotThatError


def _really(head: bytes) -> str:
    """Return what the content looks like, in brackets; "" when nobody can say."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    return f"（看起来是 {found[0].extension} 文件）" if found and found[0].extension else ""


def _check_package(end: str, name: str, content: BinaryIO) -> None:
    _check_directory(content)
    with zipfile.ZipFile(content) as archive:
        if end == "ofd":
            if _xml(archive, "OFD.xml").tag != _OFD_ROOT:
                raise _NotThatError
            return
        types = {each.get("ContentType", "").casefold() for each in _xml(archive, "[Content_Types].xml")}
        parts = {part.casefold() for part in archive.namelist()}
    if any("macroenabled" in each or "vbaproject" in each for each in types | parts):
        raise InvalidInputError({"file": f"“{name}”带有宏，{_WITHOUT_MACROS}"})
    if _MAIN_PART[end] not in types:
        raise _NotThatError


def _check_directory(content: BinaryIO) -> None:
    """Refuse an archive whose list of parts would fill the memory, or that has anything behind its end."""
    content.seek(0, 2)
    if content.tell() < _DIRECTORY_END_BYTES + _ZIP64_LOCATOR_BYTES:
        raise _NotThatError
    content.seek(-_DIRECTORY_END_BYTES - _ZIP64_LOCATOR_BYTES, 2)
    locator, end = content.read(_ZIP64_LOCATOR_BYTES), content.read(_DIRECTORY_END_BYTES)
    is_plain = end.startswith(b"PK\x05\x06") and end.endswith(b"\0\0") and not locator.startswith(b"PK\x06\x07")
    if not is_plain or struct.unpack("<L", end[12:16])[0] > _MOST_DIRECTORY_BYTES:
        raise _NotThatError


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    with archive.open(part) as file:
        text = file.read(_MOST_PART_BYTES + 1)
    # A document type could define entities; no such part has one.
    if len(text) > _MOST_PART_BYTES or b"<!DOCTYPE" in text or b"\0" in text:
        raise _NotThatError
    return ElementTree.fromstring(text)
