"""What a file is told to be by its content, and names made fit to be shown."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import InvalidInputError
from matcher.file_names import LONGEST_NAME, clean_name, extension
from matcher.file_types import TYPES, media_type
from tests.support.office_files import HTML, JPEG, PDF, PNG, archive, excel, ofd, with_part, with_types, word

GOOD = {"a.pdf": PDF, "a.PNG": PNG, "a.jpg": JPEG, "a.jpeg": JPEG, "a.docx": word(), "a.xlsx": excel(), "a.ofd": ofd()}
MAIN = "document.main+xml"


def told(name: str, content: bytes) -> str:
    """Return the message with which a file is refused."""
    with pytest.raises(InvalidInputError) as refused:
        media_type(name, io.BytesIO(content))
    return refused.value.problems["file"]


@pytest.mark.parametrize("name", GOOD)
def test_what_is_taken(name: str) -> None:
    assert media_type(name, io.BytesIO(GOOD[name])) == TYPES[extension(name)].media_type


@pytest.mark.parametrize("name", GOOD)
def test_content_under_any_other_name_is_refused(name: str) -> None:
    for other, content in GOOD.items():
        if TYPES[extension(other)] != TYPES[extension(name)]:
            assert "的内容不是" in told(name, content), other


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ" + bytes(90), "不接受“a.exe”这种文件"),
        ("a.pdf.html", HTML, "不接受"),
        ("a.svg", b"<svg/>", "不接受"),
        ("合同", PDF, "不接受“合同”这种文件"),
        ("a.pdf", HTML, "看起来是 .html 文件"),
        ("a.pdf", b"", "是空的"),
        ("a.pdf", b"text that nobody knows", "的内容不是PDF"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), "请另存为 .docx"),
        ("a.docm", word(), "带宏"),
        ("a.xlsb", excel(), "带宏"),
        ("a.docx", with_part(word(), "word/vbaProject.bin"), "带有宏"),
        ("a.docx", with_part(word(), "word/VBAPROJECT.BIN"), "带有宏"),
        ("a.docx", with_types(word(), f"wordprocessingml.{MAIN}", f"wordprocessingml.x.{MAIN}"), "不是Word"),
    ],
)
def test_what_is_refused_and_how_it_is_told(name: str, content: bytes, words: str) -> None:
    assert words in told(name, content)


def test_a_macro_type_that_is_written_in_another_way_is_seen() -> None:
    kind = '<Default Extension="x" ContentType="application/vnd.ms-word.document.macro&#69;nabled.main+xml"/></Types>'
    assert "带有宏" in told("a.docx", with_types(word(), "</Types>", kind))


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + PDF,  # A reader looks for the mark in the first kilobyte; a browser sees a picture.
        HTML + PDF,
        b"\n" + PDF,
    ],
)
def test_a_file_that_begins_as_something_else_is_refused(content: bytes) -> None:
    assert "的内容不是PDF" in told("a.pdf", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", PNG + word()),
        ("a.docx", PDF + word()),
        ("a.docx", word() + HTML),
        ("a.docx", archive(readme___txt="x")),
        ("a.docx", archive(**{"[Content_Types]___xml": "<Types/>"})),
        ("a.docx", archive(**{"[Content_Types]___xml": "not xml"})),
        ("a.docx", archive(**{"[Content_Types]___xml": f'<!DOCTYPE a [<!ENTITY e "{"x" * 9}">]><Types>&e;</Types>'})),
        ("a.docx", archive(**{"[Content_Types]___xml": " " * 2**21})),
        ("a.docx", b"PK\x03\x04" + bytes(200)),
        ("a.docx", word()[:2000]),
        ("a.xlsx", word()),
        ("a.ofd", archive(readme___txt="x")),
        ("a.ofd", ofd("http://elsewhere.example")),
        ("a.ofd", word()),
    ],
)
def test_an_archive_that_is_not_what_it_says_is_refused(name: str, content: bytes) -> None:
    assert "的内容不是" in told(name, content)


def test_an_archive_with_an_enormous_list_of_parts_is_not_read() -> None:
    content = io.BytesIO(word())
    with zipfile.ZipFile(content, "a") as made:
        for number in range(40):
            part = zipfile.ZipInfo(str(number))
            part.comment = b"x" * 60_000
            made.writestr(part, b"")
    assert "的内容不是" in told("a.docx", content.getvalue())


def test_an_archive_with_something_behind_its_end_is_refused() -> None:
    content = io.BytesIO(word())
    with zipfile.ZipFile(content, "a") as made:
        made.comment = bytes(100)
    assert "的内容不是" in told("a.docx", content.getvalue())


@given(st.binary(max_size=200), st.sampled_from(sorted(GOOD)))
def test_any_bytes_are_taken_or_refused_in_words(content: bytes, name: str) -> None:
    assert told(name, b"PK\x03\x04" + content if name == "a.docx" else b"\0" + content)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\win.pdf", "win.pdf"),
        ("/etc/passwd", "passwd"),
        ("合同（盖章）.pdf", "合同（盖章）.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ('a";filename="b.html.pdf', "a_;filename=_b.html.pdf"),
        ("合同\u202efdp.exe", "合同fdp.exe"),
        ("a\x00.pdf", "a.pdf"),
        ("%2e%2e%2fa.pdf", "_2e_2e_2fa.pdf"),
        ("..", "未命名"),
        ("", "未命名"),
        ("a" * 300 + ".pdf", "a" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_names_are_made_fit(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text())
def test_no_name_is_a_path_or_breaks_a_line(name: str) -> None:
    clean = clean_name(name)
    assert clean and len(clean) <= LONGEST_NAME and clean not in (".", "..") and clean == clean_name(clean)
    assert not set(clean) & set('/\\\r\n\0"') and clean.encode()
