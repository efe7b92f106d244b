"""Where a Milvus is, from one address: `milvus://user:password@host:19530/database`, or a folder of Milvus Lite."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from index.errors import IndexAddressError

PLAIN, TLS = "milvus", "milvus+tls"
_PORT = 19530
_FILES = ("ca", "cert", "key")


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """`uri` and `options` are for pymilvus; `shown` names the place without its secrets, always in the same way."""

    uri: str
    shown: str
    options: dict[str, str] = field(default_factory=dict, repr=False)
    is_embedded: bool = False


def names_milvus(text: str) -> bool:
    """True when `text` has the scheme of a Milvus."""
    return text.startswith((f"{PLAIN}://", f"{TLS}://"))


def read_address(text: str) -> MilvusAddress:
    """Return what an address says; its message never repeats a password. Raises: IndexAddressError."""
    try:
        parts = urlsplit(text)
        port = parts.port or _PORT
    except ValueError as error:
        raise IndexAddressError("the port is no number up to 65535, or the host is malformed") from error
    if not parts.hostname:
        return _embedded(parts)
    database = parts.path.strip("/")
    if not re.fullmatch(r"[A-Za-z0-9_]*", database):
        raise IndexAddressError("the name of the database may hold letters, digits and _ only")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    uri = f"{'https' if parts.scheme == TLS else 'http'}://{host}:{port}"
    options = {"token": _token(parts), "db_name": database, **_certificates(parts)}
    shown = f"{parts.scheme}://{host}:{port}" + (f"/{database}" if database else "")
    return MilvusAddress(uri, shown, {name: value for name, value in options.items() if value})


def _embedded(parts: SplitResult) -> MilvusAddress:
    path = unquote(parts.path)
    if parts.scheme == TLS or parts.netloc or parts.query or not re.fullmatch(r"/.+\.db", path):
        raise IndexAddressError("there is no host; a folder of Milvus Lite reads milvus:///absolute/folder/name.db")
    return MilvusAddress(path, f"{PLAIN}://{path}", is_embedded=True)


def _token(parts: SplitResult) -> str:
    """Return `user:password`, or what stands alone before the host: a token."""
    named = [unquote(each) for each in (parts.username, parts.password) if each]
    return ":".join(named)


def _certificates(parts: SplitResult) -> dict[str, str]:
    """Return the options of TLS: files of certificates, and the name that the server's certificate is for."""
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if (given and parts.scheme != TLS) or set(given) - {*_FILES, "server_name"}:
        raise IndexAddressError("after ? only ca, cert, key and server_name are known, and only with milvus+tls://")
    if ("cert" in given) != ("key" in given) or ("cert" in given and "ca" not in given):
        raise IndexAddressError("cert and key go together, and need ca")
    both = "cert" in given
    names = {"ca": "ca_pem_path" if both else "server_pem_path", "cert": "client_pem_path", "key": "client_key_path"}
    return {names.get(name, name): value for name, value in given.items()}
