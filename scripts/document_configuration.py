"""Write the schema of the configuration and the page docs/configuration.md, from the models."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from command import parser, run
from descriptor_sensitivity.config.model import Configuration
from descriptor_sensitivity.descriptors.kinds import kinds
from descriptor_sensitivity.descriptors.registry import descriptor_class
from descriptor_sensitivity.files import atomic

HEAD = "# Made from the models of the configuration by `make docs`; do not edit by hand.\n"
INTRODUCTION = """# Configuration

Made from the models of the configuration by `make docs`; do not edit by hand.

`config/config.yaml` holds the settings of the papers, `config/quick.yaml` an overlay of small ones.
An overlay of your own changes single keys: `snakemake --cores all --configfile mine.yaml`. A key
that is not listed here is refused.
"""


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    options.add_argument("--schema", type=Path, default=Path("workflow/schemas/config.schema.yaml"))
    options.add_argument("--page", type=Path, default=Path("docs/configuration.md"))
    paths = options.parse_args(argv)
    with atomic(paths.schema) as partial:
        partial.write_text(schema_text())
    with atomic(paths.page) as partial:
        partial.write_text(document(yaml.safe_load(paths.config.read_text())))


def schema_text() -> str:
    """The JSON schema of the configuration as YAML, for editors."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Configuration.model_json_schema(),
    }
    return HEAD + yaml.safe_dump(schema, sort_keys=False, allow_unicode=True, width=100)


def document(config: dict) -> str:
    """The page: one table per section, with a line for each key, and one per kind of descriptor."""
    schema = Configuration.model_json_schema()
    parts = [INTRODUCTION]
    for section, entry in schema["properties"].items():
        parts.append(f"\n## `{section}`\n\n{text(resolve(entry, schema).get('description', ''))}\n")
        if section == "descriptors":
            parts += [kind_page(kind) for kind in kinds()]
        else:
            lines = options({"properties": {section: entry}}, config, schema)
            parts += table(lines, f"{section}.")
    return "".join(parts)


def table(lines: Iterator[tuple[str, ...]], prefix: str = "") -> Iterator[str]:
    """Options as a table, the common beginning of their keys left out."""
    rows = [(key.removeprefix(prefix), *rest) for key, *rest in lines if key != prefix[:-1]]
    if rows:
        yield "\n| key | allowed | default | meaning |\n|---|---|---|---|\n"
    for key, *rest in rows:
        yield f"| `{key}` | {' | '.join(rest)} |\n"


def kind_page(kind: str) -> str:
    """The options of one kind of descriptor."""
    model = descriptor_class(kind).settings_model(kind)
    schema = model.model_json_schema()
    defaults = {
        name: field.get_default()
        for name, field in model.model_fields.items()
        if not field.is_required()
    }
    lines = (line for line in options(schema, defaults, schema) if line[0] != "kind")
    summary = text((model.__doc__ or "").split("\n\n")[0])
    return f"\n### kind `{kind}`\n\n{summary}\n" + "".join(table(lines))


def options(
    entry: dict, values: Any, schema: dict, prefix: str = ""
) -> Iterator[tuple[str, str, str, str]]:
    """Key, allowed values, default and meaning of each option below `entry`."""
    children = {**entry.get("then", {}).get("properties", {}), **entry.get("properties", {})}
    further = next(
        iter(entry.get("patternProperties", {}).values()), entry.get("additionalProperties")
    )
    if isinstance(further, dict):
        children["<name>"] = further
    for key, child in children.items():
        child = resolve(child, schema)
        name = f"{prefix}{key}"
        default = values.get(key) if isinstance(values, dict) else None
        if key == "<name>" and isinstance(values, dict):
            default = next((value for value in values.values() if isinstance(value, dict)), None)
        if any(
            isinstance(child.get(k), dict)
            for k in ("properties", "patternProperties", "additionalProperties")
        ):
            if child.get("description"):
                yield name, "a section", "", text(child["description"])
            yield from options(child, default, schema, f"{name}.")
        else:
            yield name, allowed(child, schema), shown(default), text(child.get("description", ""))


def resolve(entry: dict, schema: dict) -> dict:
    """`entry`, with a reference into the schema, or the choice that is not null, in its place."""
    for choice in ("anyOf", "allOf"):
        real = [one for one in entry.get(choice, []) if one.get("type") != "null"]
        if len(real) == 1:
            entry = {**real[0], **{key: value for key, value in entry.items() if key != choice}}
    if "$ref" not in entry:
        return entry
    target = schema["$defs"][entry["$ref"].rpartition("/")[2]]
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
