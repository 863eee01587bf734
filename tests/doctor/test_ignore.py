import pytest

from fanin.doctor._ignore import split
from fanin.errors import UnknownName
from fanin.values import Finding


def finding(code: str, layer: str | None, parameter: str | None = None) -> Finding:
    return Finding(code, "a-slug", "error", layer, parameter, {}, {}, "message", "help")


@pytest.mark.parametrize(
    ("text", "code", "layer", "parameter", "is_left_out"),
    [
        ("backbone.*:FAN104", "FAN104", "backbone.0", "backbone.0.weight", True),
        ("backbone.*:FAN104", "FAN103", "backbone.0", "backbone.0.weight", False),
        ("backbone.*:FAN1", "FAN103", "backbone.0", "backbone.0.weight", True),
        ("backbone.*:off-scale-weights", "FAN104", "backbone.0", None, True),
        ("backbone.*:FAN104", "FAN104", "head", "head.weight", False),
        ("*.bias:FAN1", "FAN103", "head", "head.bias", True),
        ("*.weight:FAN1", "FAN103", "head", None, False),
        ("*:FAN2", "FAN203", None, None, False),
        ("[0-3]:FAN2", "FAN203", "2", None, True),
    ],
)
def test_a_pattern_is_of_a_layer_or_a_parameter(
    text: str, code: str, layer: str | None, parameter: str | None, is_left_out: bool
) -> None:
    codes, left_out = split(["FAN5", text])
    assert codes == ["FAN5"]
    assert left_out(finding(code, layer, parameter)) is is_left_out


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(UnknownName, match="FAN999"):
        split(["head:FAN999"])
