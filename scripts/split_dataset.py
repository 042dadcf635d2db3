"""Copy a data set into chunks that are audited independently, and draw a sample of its frames."""

import argparse
import json
from pathlib import Path

from command import run
from descriptor_sensitivity.audit.audit import split_frames
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, required=True, help="any file that ASE reads")
    parser.add_argument("--chunk-size", type=int, required=True, help="frames in a chunk")
    parser.add_argument("--sample", type=int, required=True, help="frames in the sample")
    parser.add_argument("--seed", type=int, required=True, help="of the sample")
    parser.add_argument("--folder", type=Path, required=True, help="to write to")
    options = parser.parse_args(argv)

    written = split_frames(
        options.path, options.folder, options.chunk_size, options.sample, options.seed
    )
    with atomic(options.folder / "frames.json") as partial:
        partial.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    run(main)
