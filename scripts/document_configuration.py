"""Write docs/configuration.md: every option of the configuration, from its schema."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from command import run
from descriptor_sensitivity.files import atomic

INTRODUCTION = """# Configuration

Made from `workflow/schemas/config.schema.yaml` by `make docs`; do not edit by hand.

`config/config.yaml` holds the settings of the papers, `config/quick.yaml` an overlay of small ones.
An overlay of your own changes single keys: `snakemake --cores all --configfile mine.yaml`. A key
that is not listed here is refused.
"""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schema", type=Path, default=Path("workflow/schemas/config.schema.yaml"))
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--output", type=Path, default=Path("docs/configuration.md"))
    arguments = parser.parse_args(argv)
    schema = yaml.safe_load(arguments.schema.read_text())
    config = yaml.safe_load(arguments.config.read_text())
    with atomic(arguments.output) as partial:
        partial.write_text(document(schema, config))


def document(schema: dict, config: dict) -> str:
    """The page: one table per section, with a line for each key below it."""
    parts = [INTRODUCTION]
    for section, entry in schema["properties"].items():
        entry = resolve(entry, schema)
        parts.append(f"\n## `{section}`\n\n{entry.get('description', '')}\n")
        lines = list(options(entry, config.get(section), schema))
        if lines:
            parts.append("\n| key | allowed | default | meaning |\n|---|---|---|---|\n")
            parts += [f"| `{key}` | {' | '.join(rest)} |\n" for key, *rest in lines]
    return "".join(parts)


def options(
    entry: dict, values: Any, schema: dict, prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Key, allowed values, default and meaning of each option below `entry`."""
    children = {**entry.get("then", {}).get("properties", {}), **entry.get("properties", {})}
    further = entry.get("additionalProperties")
    if isinstance(further, dict):
        children["<name>"] = further
    for key, child in children.items():
        child = resolve(child, schema)
        name = f"{prefix}{key}"
        default = values.get(key) if isinstance(values, dict) else None
        if key == "<name>" and isinstance(values, dict):
            default = next((value for value in values.values() if isinstance(value, dict)), None)
        if any(isinstance(child.get(k), dict) for k in ("properties", "additionalProperties")):
            if child.get("description"):
                yield name, "a section", "", text(child["description"])
            yield from options(child, default, schema, f"{name}.")
        else:
            yield name, allowed(child, schema), shown(default), text(child.get("description", ""))


def resolve(entry: dict, schema: dict) -> dict:
    """`entry`, with a reference into the schema replaced by what it refers to."""
    if "$ref" not in entry:
        return entry
    target: Any = schema
    for part in entry["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**target, **{key: value for key, value in entry.items() if key != "$ref"}}


def allowed(entry: dict, schema: dict) -> str:
    """What a value may be, in a few words."""
    entry = resolve(entry, schema)
    for choice in ("oneOf", "anyOf"):
        if choice in entry:
            return " or ".join(allowed(one, schema) for one in entry[choice])
    if "enum" in entry:
        return ", ".join(f"`{shown(value) or 'null'}`" for value in entry["enum"])
    if "const" in entry:
        return f"`{shown(entry['const'])}`"
    kinds = entry.get("type", "any value")
    kind = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if kind == "array":
        return f"list of {allowed(entry.get('items', {}), schema)}"
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {entry[bound]}" for bound, sign in signs.items() if bound in entry]
    return ", ".join([kind, *bounds])


def shown(value: Any) -> str:
    """A default as it stands in YAML, if it is short."""
    if value is None or isinstance(value, dict):
        return ""
    line = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000)
    line = line.removesuffix("...\n").strip()
    return text(line) if len(line) <= 40 else "…"


def text(words: str) -> str:
    """One line that does not break a table."""
    return " ".join(words.split()).replace("|", "\\|")


if __name__ == "__main__":
    run(main)
