"""Read a file of YAML strictly: what is wrong with it is told with its file, line and key."""

import copy
import difflib
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from .project import InputError


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises
    ------
    InputError
        If the file is missing, is not YAML (with the line), repeats a key or is not a mapping.
    """
    try:
        content = copy.deepcopy(_parsed(Path(path).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise InputError(f"{path}, line {line}: not valid YAML ({error.problem}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid YAML ({error}).") from None
    if not isinstance(content, dict):
        raise InputError(
            f"{path}: must be a list of 'name: value' lines; it holds {type(content).__name__}."
        )
    return content


def refuse_unknown(path: Path, what: str, given: set[str], known: set[str]) -> None:
    """Refuse keys that are not known.

    Raises
    ------
    InputError
        With the first unknown key, and the known one that is nearest to it.
    """
    for name in sorted(map(str, given - known)):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(sorted(known))}."
        raise InputError(f"{path}: unknown {what} {name!r}. {hint}")


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=_StrictLoader)


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """SafeLoader, of libyaml where it is there, that refuses a key given twice, where PyYAML
    silently keeps the last."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
