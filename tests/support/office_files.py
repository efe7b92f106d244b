"""Files of every kind that is taken, and of kinds that only look so."""

import io
import zipfile

import docx
import openpyxl

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
HTML = b"<html><script>alert(1)</script></html>"


def archive(**parts: str) -> bytes:
    """Return a ZIP archive of parts; two underscores in a name stand for a stroke, three for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in parts.items():
            made.writestr(name.replace("___", ".").replace("__", "/"), text)
    return buffer.getvalue()


def word() -> bytes:
    """Return a Word document."""
    buffer = io.BytesIO()
    docx.Document().save(buffer)
    return buffer.getvalue()


def excel() -> bytes:
    """Return an Excel workbook."""
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()


def ofd(name_space: str = "http://www.ofdspec.org/2016") -> bytes:
    """Return an OFD document."""
    return archive(OFD___xml=f'<ofd:OFD xmlns:ofd="{name_space}" Version="1.0"/>')


def with_part(package: bytes, name: str, content: bytes = b"x") -> bytes:
    """Return an Office file with one more part."""
    buffer = io.BytesIO(package)
    with zipfile.ZipFile(buffer, "a") as made:
        made.writestr(name, content)
    return buffer.getvalue()


def with_types(package: bytes, old: str, new: str) -> bytes:
    """Return an Office file whose list of content types says something else."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as read, zipfile.ZipFile(buffer, "w") as made:
        for name in read.namelist():
            content = read.read(name)
            made.writestr(
                name, content.replace(old.encode(), new.encode()) if name == "[Content_Types].xml" else content
            )
    return buffer.getvalue()
