"""One address says where Milvus is, as whom, and how; what is wrong with one is told without its password."""

import pytest

from index.errors import IndexAddressError
from index.milvus_address import names_milvus, read_address


@pytest.mark.parametrize(
    ("text", "uri", "shown", "options"),
    [
        ("milvus://db", "http://db:19530", "milvus://db:19530", {}),
        ("milvus://db:1234/", "http://db:1234", "milvus://db:1234", {}),
        ("milvus://db/tech", "http://db:19530", "milvus://db:19530/tech", {"db_name": "tech"}),
        ("milvus://[::1]:9", "http://[::1]:9", "milvus://[::1]:9", {}),
        (
            "milvus://root:p%40ss:w@db:1/tech",
            "http://db:1",
            "milvus://db:1/tech",
            {"token": "root:p@ss:w", "db_name": "tech"},
        ),
        ("milvus://abc123@db", "http://db:19530", "milvus://db:19530", {"token": "abc123"}),
        ("milvus+tls://db", "https://db:19530", "milvus+tls://db:19530", {}),
        (
            "milvus+tls://db?ca=/etc/ca.pem&server_name=milvus.example",
            "https://db:19530",
            "milvus+tls://db:19530",
            {"server_pem_path": "/etc/ca.pem", "server_name": "milvus.example"},
        ),
        (
            "milvus+tls://db?ca=/ca.pem&cert=/c.pem&key=/k.pem",
            "https://db:19530",
            "milvus+tls://db:19530",
            {"ca_pem_path": "/ca.pem", "client_pem_path": "/c.pem", "client_key_path": "/k.pem"},
        ),
        ("milvus:///var/x/lite.db", "/var/x/lite.db", "milvus:///var/x/lite.db", {}),
    ],
)
def test_an_address_is_read(text: str, uri: str, shown: str, options: dict[str, str]) -> None:
    found = read_address(text)
    assert (found.uri, found.shown, found.options) == (uri, shown, options)
    assert found.is_embedded is uri.startswith("/")
    assert "token" not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "milvus://",
        "milvus://db:port",
        "milvus://db:99999",
        "milvus://db/a/b",
        "milvus://db/名",
        "milvus:///var/lite",
        "milvus:///.db",
        "milvus+tls:///var/lite.db",
        "milvus:///var/lite.db?ca=/x",
        "milvus://root:secret@/x.db",
        "milvus://db?ca=/ca.pem",
        "milvus+tls://db?cert=/c.pem&key=/k.pem",
        "milvus+tls://db?ca=/ca.pem&cert=/c.pem",
        "milvus+tls://db?timeout=3",
        "milvus://root:secret@[db",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(IndexAddressError) as refused:
        read_address(text)
    assert "secret" not in str(refused.value)


def test_the_scheme_decides() -> None:
    assert names_milvus("milvus://db") and names_milvus("milvus+tls://db")
    assert not names_milvus("http://db") and not names_milvus("milvus") and not names_milvus("")
