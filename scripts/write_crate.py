"""Pack a run into an RO-Crate: results, configuration, versions and licences in one zip file."""

import json
import shutil
import tempfile
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.crate import described, packed_files
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic

HOME = Path(__file__).resolve().parents[1]


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--results", type=Path, default=Path("results"))
    options.add_argument("--output", type=Path, default=Path("results/crate.zip"))
    paths = options.parse_args(argv)
    files = packed_files(paths.results, paths.output)
    if not any(file.name == "report.html" for file in files):
        raise InputError(f"{paths.results} holds no report.html; run `make` first.")
    with tempfile.TemporaryDirectory() as folder, atomic(paths.output) as partial:
        made = described(HOME, paths.results, files)
        made.write(Path(folder) / "crate")
        packed = shutil.make_archive(str(Path(folder) / "packed"), "zip", Path(folder) / "crate")
        shutil.move(packed, partial)
    print(json.dumps({"crate": str(paths.output), "files": len(files)}))


if __name__ == "__main__":
    run(main)
