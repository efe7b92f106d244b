"""What a run depends on beside the code: the machine, what else it does, which commit."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = ("numpy", "onnxruntime", "torch", "faiss-cpu")


def circumstances() -> dict[str, Any]:
    """Return them by name."""
    return {
        "commit": _git("rev-parse", "--short=10", "HEAD"),
        "changed since": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def load() -> float:
    """Return how many processes ran or waited to run over the last minute."""
    return round(os.getloadavg()[0], 1)


def _git(*words: str) -> str:
    try:
        return subprocess.run(("git", *words), capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> str:
    """Return its name and whether it has AVX-512 and products of bytes."""
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"^model name\s*:\s*(.*)$", told, re.MULTILINE)
    extras = [extra for extra in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if extra in told.split()]
    return " ".join([name[1].strip() if name else platform.machine(), *extras])
