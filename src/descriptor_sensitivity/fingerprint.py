"""What a result depends on, found by reading the code.

The fingerprint of a script is a hash of its own code and of every module of this package that it
imports, however deep. Comments, docstrings and layout do not count. Two uses: as a parameter of
a rule, so that a change of code reruns what depends on it and nothing else; and as a part of the
key under which a finished piece of work is kept.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from descriptor_sensitivity.descriptors.kinds import location

PACKAGE = Path(__file__).parent


def fingerprint(script: str | Path, kinds: Iterable[str] = (), modules: Iterable[str] = ()) -> str:
    """Sixteen hexadecimal digits that change with the code of `script` and of what it imports.

    Args:
        script: a Python file that imports modules of this package.
        kinds: kinds of descriptors that are built from settings, loaded by name and so invisible
            among the imports.
        modules: other modules of this package that are loaded by name.
    """
    named = [location(kind)[0] for kind in kinds] + [f"{PACKAGE.name}.{name}" for name in modules]
    roots = [Path(script).resolve(), *(file for name in named for file in _files(name, PACKAGE))]
    digest = hashlib.sha256()
    for path in sorted(dependencies(*roots), key=lambda path: path.as_posix()):
        name = path.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else Path(path.name)
        digest.update(f"{name.as_posix()} {_code(path)}\n".encode())
    return digest.hexdigest()[:16]


def dependencies(*roots: Path) -> set[Path]:
    """The roots and every file of this package that they import, directly or through others."""
    found: set[Path] = set()
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return found


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    """The files that one file relies on: modules it imports, and files beside it that it names."""
    if path.suffix != ".py":
        return ()
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            # `from a.b import c`: c is a module of its own, or a name in a/b.py
            for alias in node.names:
                found |= _files(f"{node.module}.{alias.name}", path) or _files(node.module, path)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found |= _files(alias.name, path)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= _beside(node.value, path)
    return tuple(sorted(found - {path}))


def _files(module: str, path: Path) -> set[Path]:
    """The file of a module of this package, or of one that stands beside the script `path`."""
    first, *rest = module.split(".")
    base = PACKAGE.joinpath(*rest) if first == PACKAGE.name else path.with_name(first)
    if first != PACKAGE.name and (rest or path.is_relative_to(PACKAGE)):
        return set()
    return {file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()}


def _beside(name: str, path: Path) -> set[Path]:
    """What stands beside `path` and its code names: a worker, a template, all of a folder/."""
    if name.endswith("/") and name[0].isalpha() and path.is_relative_to(PACKAGE):
        return {file for file in path.parent.glob(f"{name}*") if file.is_file()}
    if not 0 < len(name) < 100 or "." not in name or not name.isprintable():
        return set()
    file = path.parent / name
    if file.name == "kinds.toml":  # a line for another descriptor changes no result
        return set()
    return {file} if path.is_relative_to(PACKAGE) and file.is_file() else set()


@cache
def _code(path: Path) -> str:
    """A hash of the syntax tree of a file, without docstrings; of the bytes if it is no code."""
    if path.suffix != ".py":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_text(one)]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _is_text(node: ast.AST) -> bool:
    """A string that stands alone: a docstring, or the description below a constant."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
