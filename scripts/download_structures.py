"""Download structures, continuing what an earlier attempt left, and check the whole file."""

from pathlib import Path

from tqdm import tqdm

from command import parser, run
from descriptor_sensitivity.structures.download import download


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "urls, tried in turn; md5 or sha256 of the whole file")
    options.add_argument("--output", type=Path, required=True, help="file to write")
    paths = options.parse_args(argv)

    with tqdm(desc=paths.output.name, unit="B", unit_scale=True, mininterval=1) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        checksum = vars(paths.settings).get("sha256") or paths.settings.md5
        download(paths.settings.urls, paths.output, checksum, progress)


if __name__ == "__main__":
    run(main)
