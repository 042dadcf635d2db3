"""Write the list of entries in docs/zoo.md, from the cards of the zoo."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic
from descriptor_sensitivity.zoo.entries import Entry, load_zoo

BEGIN = "<!-- Made from the cards of the zoo by `make docs`; do not edit the entries by hand. -->\n"
END = "<!-- end of the entries -->\n"
HEADINGS = {
    ("environment", "pair"): "Pairs of environments",
    ("environment", "singular"): "Singular environments",
    ("environment", "symmetric"): "Symmetric environments",
    ("environment", "control"): "A control",
    ("structure", "pair"): "Pairs of structures",
    ("structure", "singular"): "Singular structures",
    ("structure", "symmetric"): "Symmetric structures",
}


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--page", type=Path, default=Path("docs/zoo.md"))
    page = options.parse_args(argv).page
    text = with_entries(page.read_text(encoding="utf-8"), load_zoo().values())
    with atomic(page) as partial:
        partial.write_text(text, encoding="utf-8")


def with_entries(page: str, entries: Iterable[Entry]) -> str:
    """The page with its entries made anew."""
    if BEGIN not in page or END not in page:
        raise InputError(f"The page lacks the line {BEGIN.strip()!r} or {END.strip()!r}.")
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n" + "\n".join(listed(entries)) + END + rest.partition(END)[2]


def listed(entries: Iterable[Entry]) -> Iterator[str]:
    """The entries under headings, each with what its card says."""
    every = list(entries)
    for (scope, kind), heading in HEADINGS.items():
        yield f"### {heading}\n"
        for entry in every:
            if (entry.scope, entry.kind) == (scope, kind):
                yield described(entry)


def described(entry: Entry) -> str:
    """One entry: what it defeats, why, what is expected, where it is from."""
    family = " A family: `draw` gives random members." if entry.random else ""
    exact = entry.exact.rstrip(".")
    source = entry.source.rstrip(".")
    numerical = entry.numerical.rstrip(".")
    return (
        f"**{entry.title}** (`{entry.name}`). Defeats: {entry.defeats}."
        f" {entry.construction}{family}"
        f" {expectation(entry)} Exact: {exact}. Numerical: {numerical}. Source: {source}.\n"
    )


def expectation(entry: Entry) -> str:
    """What the card expects, in words."""
    expected = entry.expected
    said = []
    if "layers" in expected:
        said.append(f"Layers needed: {expected['layers']}.")
    if "separates" in expected:
        orders = expected["separates"]
        if isinstance(orders, dict):
            orders = ", ".join(f"{order} {pooled}" for pooled, order in orders.items())
        said.append(f"Smallest order that separates: {orders}.")
    if "null" in expected:
        null = expected["null"]
        if isinstance(null, dict):
            each = "; ".join(
                f"{pooled} {_joined(null[pooled])} ({expected['symmetric'][pooled]} by symmetry)"
                for pooled in ("summed", "multiset", "concatenated")
            )
            said.append(f"Null dimensions of ν = 1, 2, 3: {each}.")
        else:
            pairs = zip(null, expected["symmetric"], strict=True)
            every = dict.fromkeys(f"{_joined(n)} ({s} by symmetry)" for n, s in pairs)
            said.append(f"Null dimensions of ν = 2, 3, 4: {' and '.join(every)}.")
    return " ".join(said)


def _joined(numbers: list[int]) -> str:
    return "/".join(map(str, numbers))


if __name__ == "__main__":
    run(main)
