"""`make train`: tunes the encoder, takes the means of its vectors, fits the ranker; writes what ships."""

import argparse
from pathlib import Path

from matcher.settings import read_settings
from matcher.training import means
from matcher.training.encoder import tune_encoder
from matcher.training.material import read_material
from matcher.training.ranker import fit_ranker


def main() -> None:
    """Read the folders from the command line and run the steps asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--training", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps vectors between runs")
    parser.add_argument("--only", choices=["encoder", "means", "ranker"])
    options = parser.parse_args()
    settings = read_settings()
    material = read_material(options.bench, options.training)
    if options.only in (None, "encoder"):
        tune_encoder(material, settings.models_dir)
    if options.only in (None, "means"):
        means.write(settings, material, options.training / "needs.train.jsonl", Path("seed_data/achievements.jsonl"))
    if options.only in (None, "ranker"):
        ranker = fit_ranker(material, settings, options.bench, options.training, options.cache)
        print(f"ranker {ranker.version}: {ranker.facts}")


if __name__ == "__main__":
    main()
