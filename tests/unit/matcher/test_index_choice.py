"""The setting that says where vectors lie."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.errors import MatcherError
from matcher.live_index import LiveIndex
from tests.conftest import OpenService

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("setting", ["", "faiss"])
def test_by_default_vectors_lie_in_memory(open_service: OpenService, setting: str) -> None:
    service = open_service(index=setting)
    assert isinstance(service.engine.live("need"), LiveIndex)
    assert service.engine.place == "faiss"


@pytest.mark.parametrize("setting", ["qdrant://db", "milvus://", "milvus", "milvus://root:secret@db:port"])
def test_a_wrong_setting_is_told_with_the_way_out(open_service: OpenService, setting: str) -> None:
    with pytest.raises(MatcherError) as refused:
        open_service(index=setting)
    assert all(part in str(refused.value) for part in ("MATCHER_INDEX", setting.rpartition("@")[2], "faiss"))
    assert "secret" not in str(refused.value)


def test_opening_a_service_asks_nothing_of_milvus(open_service: OpenService) -> None:
    service = open_service(index="milvus://root:secret@127.0.0.1:1/tech")
    assert service.engine.place == "milvus://127.0.0.1:1/tech"


def test_what_milvus_needs_is_imported_within_functions_only() -> None:
    for path in (ROOT / "index").glob("*.py"):
        names = [
            alias.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in [*node.names, ast.alias(getattr(node, "module", None) or "")]
        ]
        assert not [name for name in names if name.split(".")[0] in ("pymilvus", "grpc", "milvus_lite")], path


@pytest.mark.wide
def test_a_service_without_milvus_loads_nothing_that_came_with_it() -> None:
    code = (
        "import sys, web.cli, web.serving; print(sorted({'pandas', 'pyarrow', 'pymilvus', 'grpc'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
