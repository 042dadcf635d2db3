"""Download a compressed data set, continuing what an earlier attempt left, and check its md5."""

import argparse
from pathlib import Path

from tqdm import tqdm

from command import run
from descriptor_sensitivity.structures.download import download


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", nargs="+", required=True, help="addresses, tried in turn")
    parser.add_argument("--md5", required=True, help="of the whole file, hexadecimal")
    parser.add_argument("--output", type=Path, required=True, help="file to write")
    arguments = parser.parse_args(argv)

    with tqdm(desc=arguments.output.name, unit="B", unit_scale=True, mininterval=1) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        download(arguments.url, arguments.output, arguments.md5, progress)


if __name__ == "__main__":
    run(main)
