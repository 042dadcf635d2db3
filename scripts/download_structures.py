"""Download a compressed data set, continuing what an earlier attempt left, and check its md5."""

from pathlib import Path

from tqdm import tqdm

from command import parser, run
from descriptor_sensitivity.structures.download import download


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "urls, tried in turn; md5 of the whole file")
    options.add_argument("--output", type=Path, required=True, help="file to write")
    paths = options.parse_args(argv)

    with tqdm(desc=paths.output.name, unit="B", unit_scale=True, mininterval=1) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        download(paths.settings.urls, paths.output, paths.settings.md5, progress)


if __name__ == "__main__":
    run(main)
