"""Reading the configuration: completed, checked, and every fault in one line of a few."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from descriptor_sensitivity.config.model import Configuration, Place, descriptor_model, faults
from descriptor_sensitivity.descriptors.kinds import kinds
from descriptor_sensitivity.errors import InputError

LINES = 3
"""A message has at most so many lines: Snakemake says two things before it, and five are read."""

RENAMED: dict[Place, str] = {
    ("audit", "advice", "density"): "the audited descriptor's own basis and cutoff",
    ("audit", "representations"): "the section `descriptors`, where each is named once",
    ("singular", "representations"): "`singular.descriptors`, names of the section `descriptors`",
}
"""Keys of earlier versions, and what holds their values now."""


def read_configuration(
    config: Mapping[str, Any], files: Sequence[str | Path], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """The configuration, completed by the defaults and checked.

    Args:
        config: what a run was given, its files merged.
        files: these files, the later ones overriding the earlier; they are read again to say where
            a fault stands.
        defaults: values of keys that are not given.

    Raises InputError with one line for each fault, at most `LINES`: file and line, the key's whole
    path, its value, what is allowed, and the nearest right key for a misspelt one.
    """
    places = [(str(file), read_places(Path(file))) for file in files]
    merged = merge(defaults, config)
    # A misspelt key comes before the one that is then missing.
    found = sorted(faults(merged), key=lambda fault: fault[1] != "extra_forbidden")
    lines: dict[str, str] = {}
    for place, kind, details in found:
        sentence = explain(place, kind, details, merged)
        lines.setdefault(".".join(map(str, place)), f"{where(place, places)}{sentence}")
    if lines:
        kept = LINES if len(lines) <= LINES else LINES - 1
        keys = ", ".join(f"`{key}`" for key in list(lines)[kept:][:5])
        more = [f"and {len(lines) - kept} more: {keys}."] if len(lines) > kept else []
        raise InputError("\n".join([*list(lines.values())[:kept], *more]))
    return merged


def audited_datasets(
    overlays: Sequence[str | Path], base: Sequence[str | Path], config: Mapping[str, Any]
) -> list[str]:
    """Names of the data sets that a run audits.

    Those that its overlays name; where these name none, those of its own configuration; where that
    names none either, all.
    """
    for files in (overlays, base):
        places = [place for file in files for place in read_places(Path(file))]
        named = [str(p[2]) for p in places if p[:2] == ("audit", "datasets") and len(p) == 3]
        if named:
            return list(dict.fromkeys(named))
    return list(config["audit"]["datasets"])


def merge(defaults: Any, given: Any) -> Any:
    """`given` over `defaults`, key by key and level by level."""
    if not isinstance(defaults, Mapping) or not isinstance(given, Mapping):
        return given
    shared = {key: merge(defaults[key], value) for key, value in given.items() if key in defaults}
    return {**defaults, **given, **shared}


# ---------------------------------------------------------------- where


def read_places(file: Path) -> dict[Place, int]:
    """The line of each key of a YAML file, by its path in it.

    Raises InputError if the file is not there, is no YAML, no mapping, or holds a key twice.
    """
    try:
        root = yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read ({error}).") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not a YAML file"
        raise InputError(f"{file}{line}: {problem}.") from None
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise InputError(f"{file}: a configuration is a mapping, `section: {{key: value}}`.")
    return dict(_lines(root, (), file))


def _lines(node: yaml.Node, place: Place, file: Path) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                name = ".".join(map(str, (*place, key.value)))
                raise InputError(
                    f"{file}, line {line}: `{name}` stands here a second time (first in line"
                    f" {seen[key.value]}); YAML would keep the last one, so remove one."
                )
            seen[key.value] = line
            yield (*place, key.value), line
            yield from _lines(value, (*place, key.value), file)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield (*place, position), value.start_mark.line + 1
            yield from _lines(value, (*place, position), file)


def where(place: Place, places: Sequence[tuple[str, Mapping[Place, int]]]) -> str:
    """`file, line n: ` of the last file that sets a key or something above it."""
    for length in range(len(place), 0, -1):
        for file, lines in reversed(places):
            if place[:length] in lines:
                return f"{file}, line {lines[place[:length]]}: "
    return ""


# ---------------------------------------------------------------- what


def explain(place: Place, kind: str, details: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """One sentence on a fault: the key, its value, and what is allowed."""
    key = ".".join(map(str, place))
    renamed = next((RENAMED[p] for p in (place[:2], place[:3]) if p in RENAMED), None)
    if renamed and kind == "extra_forbidden":
        return f"`{key}` is now {renamed}."
    if kind == "extra_forbidden":
        return (
            f"there is no key `{key}`; {nearest(str(place[-1]), allowed_keys(place[:-1], config))}"
        )
    if kind == "string_pattern_mismatch" and place[-1] == "[key]":
        name = re.sub("[^A-Za-z0-9]+", "-", str(place[-2])).strip("-") or "data"
        section = ".".join(map(str, place[:-2]))
        return (
            f"`{place[-2]}` in `{section}` cannot be a name, which is part of names of files: take"
            f" letters, digits and hyphens, such as `{name}`."
        )
    if kind == "missing":
        return f"`{key}` is missing."
    value = details.get("input")
    if kind == "named":
        return f"`{key}: {value}` is not {details['what']}; {nearest(str(value), details['names'])}"
    if kind == "value_error":
        return f"`{key}`: {str(details['ctx']['error'])}."
    rule = str(details.get("msg", kind)).replace("Input should be", "it must be")
    rule = rule.replace("a valid integer", "an integer").replace("a valid ", "a ")
    rule = re.sub("a dictionary.*", "a section with keys of its own", rule)
    return f"`{key}: {shown(value)}`: {rule[0].lower()}{rule[1:]}{hint(kind, value)}."


def nearest(name: str, names: Sequence[str]) -> str:
    """The name that was meant, or all there are."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    listed = ", ".join(f"`{one}`" for one in names)
    return f"choose one of {listed}." if listed else "nothing is allowed here."


def allowed_keys(place: Place, config: Mapping[str, Any]) -> list[str]:
    """The keys of the model at a place of the configuration."""
    if place[:1] == ("descriptors",) and len(place) == 2:
        settings = config["descriptors"][place[1]]
        if settings.get("kind") in kinds():
            return list(descriptor_model(settings).model_fields)
    entry = schema = Configuration.model_json_schema()
    for part in place:
        entry = _child(entry, str(part), schema)
    return list(_resolved(entry, schema).get("properties", {}))


def _child(entry: dict[str, Any], key: str, schema: dict[str, Any]) -> dict[str, Any]:
    entry = _resolved(entry, schema)
    further = next(
        iter(entry.get("patternProperties", {}).values()), entry.get("additionalProperties")
    )
    return entry.get("properties", {}).get(key) or (further if isinstance(further, dict) else {})


def _resolved(entry: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for choice in entry.get("anyOf", []):
        if choice.get("type") != "null":
            entry = choice
    if "$ref" in entry:
        return schema["$defs"][entry["$ref"].rpartition("/")[2]]
    return entry


def shown(value: Any) -> str:
    """A value as it is written in YAML, shortened."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000)
    text = text.removesuffix("...\n").strip()
    return text if len(text) <= 60 else f"{text[:57]}..."


def hint(kind: str, value: Any) -> str:
    """What YAML made of a value that was meant otherwise."""
    if isinstance(value, str) and kind in ("float_type", "int_type"):
        try:
            float(value)
        except ValueError:
            return ""
        return " (YAML reads it as text: numbers are written without quotes, 3.0e-1 with a point)"
    if isinstance(value, bool) and kind == "string_type":
        return " (YAML reads Yes, No, On, Off and True, False as truth values: put it into quotes)"
    if kind == "int_type" and isinstance(value, float):
        return ", without a decimal point"
    return ""
