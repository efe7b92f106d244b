"""`make bench`: runs the chosen parts one after the other and makes one table of what they measured.

Each part is a module here with a command of its own, which prints its figures as JSON in its last line. The same table
and all figures are written as JSON beside it; `--record` keeps them in docs/benchmarks/.
"""

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench import history, table
from tests.bench.circumstances import circumstances, load
from tests.bench.figures import FIGURES

_LONG = ("quality", "soak")
_SIZES = "10000,100000"
# With fewer, the service of `dense_size` has nothing to train.
_LEAST_IN_SERVICE = 50_000


class Part(NamedTuple):
    """A part and what its command is given beside where things lie."""

    name: str
    given: tuple[str, ...]
    takes_rounds: bool = False


PARTS = (
    Part("encoding", ("achievements", "models"), True),
    Part("searching", ("achievements", "needs", "cache", "models"), True),
    Part("first_light", ("achievements", "models")),
    Part("ranking", ("achievements", "needs", "cache", "models")),
    Part("starting", ("models",), True),
    Part("pages", ("achievements", "needs", "cache", "models"), True),
    Part("dense_size", ("achievements", "needs", "cache")),
    Part("growth", ("achievements", "needs"), True),
    Part("quality", ("achievements", "needs", "qrels", "cache", "models")),
    Part("soak", ("achievements", "needs", "cache", "models")),
)


def main() -> None:
    """Run, print, write. Ends with status 1 when a part fails."""
    options = _options()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    run: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **circumstances()}
    run["parts"] = kept(run, out / "run.json") if options.keep else {}
    failed, chosen = [], _chosen(options)
    for number, part in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {part.name}", file=sys.stderr, flush=True)
        before = load()
        figures, status = _run(part, options, out / f"{part.name}.log")
        if figures is not None:
            run["parts"][part.name] = {**figures, "load average": [before, load()]}
            if part.takes_rounds:
                run["parts"][part.name]["rounds"] = options.rounds
        if status:
            failed.append(part.name)
            print(f"{part.name} ended with status {status}, see {out / part.name}.log", file=sys.stderr)
        _write(run, out / "run.json")  # Whoever has no patience for the rest has what was measured.
    print("\n".join(table.text(table.rows(FIGURES, run["parts"]))))
    print(f"all figures: {out / 'run.json'}")
    if options.record:
        print(f"recorded: {history.record(run, options.history)}")
    sys.exit(1 if failed else 0)


def kept(run: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return the parts that `file` has of an earlier run of the same commit on the same processor, if it does."""
    earlier: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    names = ("commit", "changed since", "processor", "cores")
    parts: dict[str, Any] = earlier.get("parts", {})
    return parts if [earlier.get(name) for name in names] == [run[name] for name in names] else {}


def _write(run: dict[str, Any], file: Path) -> None:
    run["table"] = [row._asdict() for row in table.rows(FIGURES, run["parts"])]
    file.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/bench"), help="folder of the bench data")
    parser.add_argument("--parts", default="", help=f"some of {', '.join(each.name for each in PARTS)}")
    parser.add_argument("--long", action="store_true", help="also quality and soak, an hour together")
    parser.add_argument("--sizes", default=_SIZES, help="numbers of records to grow to; a million takes half an hour")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="parts that are not run now stay as the last run had them")
    parser.add_argument("--record", action="store_true", help="keep the run in docs/benchmarks/")
    parser.add_argument("--cache", type=Path, default=Path("var/vectors"), help="folder that keeps vectors")
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    parser.add_argument("--out", type=Path, default=Path("var/bench"), help="folder of the JSON and the logs")
    parser.add_argument("--history", type=Path, default=Path("docs/benchmarks"))
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> list[Part]:
    """Return the parts named, else all but the long ones. Raises: SystemExit for a name that is none."""
    names = [name for name in options.parts.replace(",", " ").split() if name]
    unknown = set(names) - {each.name for each in PARTS}
    if unknown:
        raise SystemExit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(p.name for p in PARTS)}")
    return [each for each in PARTS if (each.name in names if names else options.long or each.name not in _LONG)]


def _run(part: Part, options: argparse.Namespace, log: Path) -> tuple[dict[str, Any] | None, int]:
    """Return the figures of a part, None when it gave none, and the status of its command."""
    places = {
        "achievements": options.data / "achievements.jsonl",
        "needs": options.data / "needs.jsonl",
        "qrels": options.data / "qrels.dev.tsv",
        "cache": options.cache,
        "models": options.models,
    }
    command = [sys.executable, "-m", f"tests.bench.{part.name}"]
    command += [word for name in part.given for word in (f"--{name}", str(places[name]))]
    command += ["--rounds", str(options.rounds)] if part.takes_rounds else []
    if part.name == "growth":
        command += ["--sizes", options.sizes]
    if part.name == "dense_size":
        most = max(map(int, options.sizes.split(",")))
        command += ["--most", str(most), *(() if most > _LEAST_IN_SERVICE else ("--without-service",))]
    with log.open("w", encoding="utf-8") as written:
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=written, text=True, check=False)
        written.write(ended.stdout)
    try:
        figures = json.loads(ended.stdout.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return None, ended.returncode or 1
    return figures, ended.returncode


if __name__ == "__main__":
    main()
