"""The working point of the hint that a need was posted before: false hints of distinct needs against found paraphrases.

`python -m tests.bench.alike NEEDS.jsonl …`: needs that are distinct, beside those of the demo catalogue. The texts in
paraphrases.tsv say in other words what a need of the demo catalogue asks for, as another firm would type it.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from matcher.alike import LOOKED_AT
from matcher.folding import share_within
from matcher.models import Need, Organisation
from matcher.seeding import demo_rows
from matcher.service import Service
from matcher.settings import Settings

THRESHOLDS = (0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.35)
Text = tuple[str, str, str]


def main() -> None:
    """Print for each threshold how many needs get a false hint, and how many paraphrases find their need."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("needs", nargs="*", type=Path)
    parser.add_argument("--models", type=Path, help="folder with the built model, as in a MATCHER_HOME")
    given = parser.parse_args()
    demo = [(row["id"], row["title"], row["description"]) for row in demo_rows("needs.jsonl")]
    others = [text for path in given.needs for text in _needs(path)]
    path = Path(__file__).with_name("paraphrases.tsv")
    typed = [tuple(line.split("\t")) for line in path.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as home:
        if given.models:
            (Path(home) / "models").symlink_to(given.models.resolve())
        service = Service(Settings(home=Path(home)))
        ids = _post(service, [*demo, *others])
        false = [_best(service, text, -1, ids[text[0]]) for text in [*demo, *others]]
        found = [_best(service, (name, title, text), ids[name], -1) for name, title, text in typed]
        service.close()
    print(
        f"{len(false)} distinct needs, {len(found)} paraphrases\n\n| least share | false hints | found |\n|---|---|---|"
    )
    for least in THRESHOLDS:
        print(f"| {least:.2f} | {_share(false, least):.1%} | {_share(found, least):.1%} |")


def _needs(path: Path) -> list[Text]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(f"{path.name}:{row['id']}", row["title"], row.get("description") or "") for row in rows]


def _post(service: Service, texts: Sequence[Text]) -> dict[str, int]:
    """Store the needs, each title with its text once; return their row ids by name."""
    firm = service.joining.organisation(Organisation(name="甲厂"))
    needs = [
        Need(external_id=name, title=title[:200], description=text[:5000], organisation=firm.name, status="published")
        for name, title, text in texts
    ]
    service.importing.import_records(needs, "bench")
    return {name: service.postings.find("need", name).id for name, _, _ in texts}


def _best(service: Service, text: Text, only: int, but: int) -> float:
    """Return the largest share of what is typed among the needs looked at: of one of them, or of all but one."""
    typed = f"{text[1]}\n{text[2]}"
    found = service.matching.search("need", typed, k=LOOKED_AT)
    return max(
        (share_within(typed, record) for record, _ in found if record.id == only or (only < 0 and record.id != but)),
        default=0.0,
    )


def _share(values: Sequence[float], least: float) -> float:
    return sum(value >= least for value in values) / len(values)


if __name__ == "__main__":
    main()
