"""Which graph of the default model runs on this processor: measured once, remembered beside the model."""

import json
import logging
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from index.onnx_model import FP32, INT8, Engine, OnnxModel
from index.windows import unit_rows

CHOICE_FILE = "engine.json"
LEAST_COSINE = 0.995
_LEAST_GAIN = 1.1
_ROUNDS = 3
_SAMPLES = [
    "passage: 一种防腐涂层及其制备方法，附着力强，耐盐雾一千小时，适用于海洋平台钢结构和输油管道。",
    "passage: 面向中小企业的设备预测性维护平台，采集振动和温度数据，提前三天发出故障预警。",
    "query: 我们公司想找一种办法把电镀废水里的重金属去掉，出水要达到排放标准",
    "passage: Ultrasonic welding of thin battery foils with online quality control, 5 kW at 20 kHz.",
]

_log = logging.getLogger(__name__)


def choose_engine(folder: Path, measure: Callable[[Path], dict[str, float]] | None = None) -> Engine:
    """Return the engine for the default model in `folder` on this processor.

    The choice is kept in `engine.json` there, and made anew on another processor or another runtime. Eight bits are
    taken when they are at least a tenth quicker and every vector stays within a cosine of 0.995 of the exact one.

    Raises:
        ModelError: a graph cannot be loaded.
    """
    machine = {"processor": processor_name(), "onnxruntime": version("onnxruntime")}
    remembered = _remembered(folder)
    if machine.items() <= remembered.items() and remembered.get("engine") in (INT8, FP32):
        return INT8 if remembered["engine"] == INT8 else FP32
    measured = (measure or measure_engines)(folder)
    fits = measured["cosine"] >= LEAST_COSINE and measured["gain"] >= _LEAST_GAIN
    engine = INT8 if fits else FP32
    _log.info("engine %s for %s: %s", engine, machine["processor"], measured)
    _remember(folder, machine | measured | {"engine": engine})
    return engine


def measure_engines(folder: Path) -> dict[str, float]:
    """Return the lowest `cosine` between eight bits and exact over a few texts, and the `gain` in speed."""
    exact, rounded = OnnxModel(folder, FP32), OnnxModel(folder, INT8)
    windows = exact.tokenize(_SAMPLES)
    pairs = [(_timed(exact, windows), _timed(rounded, windows)) for _ in range(_ROUNDS)]
    left, right = (unit_rows(model.pool(windows)) for model in (exact, rounded))
    gain = np.median([slow for slow, _ in pairs]) / np.median([quick for _, quick in pairs])
    return {"cosine": round(float((left * right).sum(axis=1).min()), 4), "gain": round(float(gain), 2)}


def processor_name() -> str:
    """Return what the processor calls itself, with the instructions that decide how fast bytes multiply."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = dict(line.replace("\t", "").split(":", 1) for line in reversed(lines) if ":" in line)
    bytes_too = sorted(flag for flag in told.get("flags", "").split() if "vnni" in flag)
    return " ".join([told.get("model name", platform.machine()).strip(), *bytes_too])


def _timed(model: OnnxModel, windows: list[list[int]]) -> float:
    started = time.perf_counter()
    model.pool(windows)
    return time.perf_counter() - started


def _remembered(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / CHOICE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(folder: Path, choice: dict[str, Any]) -> None:
    draft = folder / f"{CHOICE_FILE}.draft"
    try:
        draft.write_text(json.dumps(choice, indent=2), encoding="utf-8")
        draft.replace(folder / CHOICE_FILE)
    except OSError as error:
        # A folder that is only readable works, it is measured at each start.
        _log.info("cannot keep the choice of engine: %s", error)
