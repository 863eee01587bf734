import importlib
import sys

import pytest

import fanin
from fanin._discover import modules
from fanin.errors import UnknownName, shorten


@pytest.mark.parametrize("name", fanin.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    item = getattr(fanin, name)
    assert name in dir(fanin)
    if name != "__version__":
        assert item.__doc__


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such"):
        _ = fanin.no_such


def test_verbs_stay_functions_after_their_modules_are_imported() -> None:
    for module in ("explanation", "propagation", "checkup", "study", "description"):
        importlib.import_module(f"fanin.{module}")
    assert all(
        callable(getattr(fanin, verb)) for verb in ("explain", "propagate", "check", "compare", "sample", "gain")
    )


def test_discovery_is_ordered_and_skips_what_belongs_to_the_room() -> None:
    found = [module.__name__.rpartition(".")[2] for module in modules("fanin.schemes")]
    assert found == sorted(found)
    assert "he" in found
    assert not any(name.startswith("_") for name in found)


def test_a_package_from_outside_adds_a_scheme(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory
) -> None:
    (tmp_path / "their_scheme.py").write_text(  # type: ignore[operator]
        "from fanin.schemes import variant\nfrom fanin.values import Law, Scheme\n\n"
        "@variant('theirs')\ndef theirs() -> Scheme:\n    'One third.'\n"
        "    return Scheme('theirs', Law('constant'), '0', '1 / 3')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    class Entry:
        name = "theirs"

        def load(self) -> object:
            return importlib.import_module("their_scheme")

    monkeypatch.setattr("fanin._discover.entry_points", lambda group: [Entry()] if group == "fanin.schemes" else [])
    assert list(modules("fanin.schemes"))[-1] is sys.modules["their_scheme"]


def test_unknown_names() -> None:
    assert "did you mean relu" in str(UnknownName("activation", "rellu", ["relu", "tanh"]))
    assert "known are relu, tanh" in str(UnknownName("activation", "xyz", ["relu", "tanh"]))
    assert shorten("abcdef", 4) == "abc…"


def test_the_shipped_contracts_are_public_in_one_place_whichever_file_they_are_in() -> None:
    from fanin import testing

    names = ["ContractError", *(f"check_{item}" for item in ("kernel", "law", "recipe", "rule", "scheme", "task"))]
    assert sorted(testing.__all__) == names
    assert all(getattr(testing, name).__doc__ for name in names)
    assert f"{testing.ContractError.__module__}.{testing.ContractError.__name__}" == "fanin.testing.ContractError"
