"""What tests of reading share: the outcome of each frame of a file."""

from pathlib import Path

from ase import Atoms

from descriptor_sensitivity.structures.frames import as_atoms, stored_frames
from descriptor_sensitivity.structures.xyz import BadFrame

WATER = "O 0 0 0.119\nH 0 0.763 -0.477\nH 0.05 -0.763 -0.477\n"
FRAME = f"3\n\n{WATER}"


def outcome(path: Path, content: str | bytes | None = None) -> list[Atoms | str]:
    """What every frame of a file becomes: a structure, or the sentence that refuses it."""
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = []
    for expected, (index, frame) in enumerate(stored_frames(path)):
        assert index == expected
        try:
            found.append(as_atoms(frame, str(path), index))
        except BadFrame as error:
            assert f"{path}, frame {index}" in str(error) and "\n" not in str(error)
            found.append(str(error))
    return found


def formulas(found: list[Atoms | str]) -> list[str]:
    """Chemical formulas, and a dash for what was refused."""
    return ["-" if isinstance(one, str) else one.get_chemical_formula() for one in found]
