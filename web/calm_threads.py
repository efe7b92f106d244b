"""Imported before everything else of `web`, and so before anything that loads OpenMP, which reads its settings once.

Idle OpenMP threads spin by default: with any other busy process on the machine they starve each other, and encoding
takes several times as long. Threads that wait instead cost nothing measurable when the machine is otherwise idle.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def share_cores(processes: int) -> None:
    """Leave each of `processes` its part of the cores; only libraries that are loaded later hear of it."""
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, len(os.sched_getaffinity(0)) // processes)))
