"""What crosses a border has one form, and everything else is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest

from provenance.common.strict_json import from_plain, parse, to_plain


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Leaf:
    number: int
    share: float = 0.0


@dataclass(frozen=True)
class Tree:
    name: str
    is_old: bool
    colour: Colour
    kind: Literal["oak", "elm"]
    where: Path
    data: bytes
    leaf: Leaf | None
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[int, float] = (1, 2.0)
    names: dict[str, str] = field(default_factory=dict)
    children: tuple[Tree, ...] = ()


TREE = Tree("a", True, Colour.RED, "elm", Path("/b"), b"\xff\0", Leaf(1), (Leaf(2, 0.5),), names={"x": "y"})
WHOLE = Tree("root", False, Colour.RED, "oak", Path("c"), b"", None, children=(TREE,))


def plain(**changes: object) -> dict[str, Any]:
    values = to_plain(TREE)
    assert isinstance(values, dict)
    return values | changes


def test_what_is_written_is_read_back_the_same() -> None:
    assert parse(Tree, json.dumps(to_plain(WHOLE))) == WHOLE


def test_whole_numbers_do_where_numbers_do() -> None:
    assert from_plain(Leaf, {"number": 1, "share": 1}) == Leaf(1, 1.0)


@pytest.mark.parametrize(
    "change",
    [
        {"name": 1},
        {"name": None},
        {"is_old": 1},
        {"is_old": "true"},
        {"colour": "blue"},
        {"colour": ["red"]},
        {"kind": "ash"},
        {"kind": ["oak"]},
        {"where": 3},
        {"data": "?"},
        {"data": 1},
        {"leaf": {}},
        {"leaf": {"number": True, "share": 0.0}},
        {"leaf": {"number": 1.0, "share": 0.0}},
        {"leaf": {"number": 2**63, "share": 0.0}},
        {"leaf": {"number": 1, "share": "0"}},
        {"leaf": {"number": 1, "share": 10**400}},
        {"leaf": {"number": 1, "share": 0.0, "more": 1}},
        {"leaves": {}},
        {"leaves": [1]},
        {"pair": [1]},
        {"pair": [1, 2.0, 3]},
        {"names": {"x": 1}},
        {"names": []},
        {"children": None},
        {"unknown": 1},
    ],
)
def test_everything_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"form|not a valid"):
        from_plain(Tree, plain(**change))


@pytest.mark.parametrize("name", plain())
def test_a_missing_value_is_refused_also_where_there_is_a_default(name: str) -> None:
    values = plain()
    del values[name]
    with pytest.raises(ValueError, match="Tree"):
        from_plain(Tree, values)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}{}", '{"number": NaN, "share": 0}', '{"number": 1, "share": Infinity}']
)
def test_text_that_is_not_the_json_of_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own or ours
        parse(Leaf, text)


def test_endless_nesting_is_refused() -> None:
    deep = '{"children": [' * 50_000
    with pytest.raises(ValueError, match="deep"):
        parse(Tree, deep)


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(ValueError, match=r"^Tree\.where ") as refused:
        from_plain(Tree, plain(where=["swordfish"]))
    assert "swordfish" not in str(refused.value)


def test_what_has_no_form_in_json_is_not_written() -> None:
    with pytest.raises(TypeError, match="complex"):
        to_plain(1j)
