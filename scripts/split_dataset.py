"""Copy a data set into chunks that are audited independently, and draw a sample of its frames."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.audit.chunks import split_frames
from descriptor_sensitivity.files import atomic


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "chunk_size, sample (frames in it), seed")
    options.add_argument("--path", type=Path, required=True, help="any file that ASE reads")
    options.add_argument("--folder", type=Path, required=True, help="to write to")
    paths = options.parse_args(argv)
    settings = paths.settings
    dataset = split_frames(
        paths.path, paths.folder, settings.chunk_size, settings.sample, settings.seed
    )
    with atomic(paths.folder / "frames.json") as partial:
        partial.write_text(json.dumps(asdict(dataset), indent=1) + "\n")
    for note in dataset.notes:
        print(f"note: {note}", file=sys.stderr)


if __name__ == "__main__":
    run(main)
