"""Deep models: repeated blocks are folded, findings too, and a narrow terminal breaks no word."""

import re
from typing import Any

import jsonschema
import pytest

from fanin.report import render, schema
from fanin.report.formats.html import fragment
from fanin.report.views import check as view
from fanin.report.views import folding, layers


@pytest.mark.parametrize("count", [3, 30, 300])
def test_the_generator_makes_documents_of_the_contract(deep: Any, count: int) -> None:
    document = deep(count, sick=0.4)
    jsonschema.validate(document, schema("check"))
    assert len(document["layers"]) == count


@pytest.mark.parametrize("width", [50, 80, 120])
@pytest.mark.parametrize(("count", "sick"), [(3, 0.0), (30, 0.4), (300, 0.3), (300, 0.0)])
def test_never_pages_of_noise_nor_a_broken_word(deep: Any, count: int, sick: float, width: int) -> None:
    document = deep(count, factor=0.97, sick=sick)
    lines = render(document, "text", width=width).splitlines()
    assert len(lines) < 45
    assert all(len(line) <= width or "model.get_parameter(" in line for line in lines), "code is never wrapped"
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("──")) + 1 :]
    assert len(table) == len(layers.rows(document)), "one line per row: nothing wraps"
    assert table[0].split()[:2] == ["✗" if sick else "✓", "embedding"]


def test_all_is_there_where_there_is_room(deep: Any) -> None:
    text = render(deep(300, factor=0.97, sick=0.3), "text", width=160)
    for part in (
        "FAN104 off-scale-weights, 90 layers",
        "transformer.encoder.layers.0-22.self_attn.in_proj ×23",
        "transformer.encoder.layers.22-74.self_attn.out_proj ×53",
        "std   0.043 to 0.0449 expected 0.0086",
        "0.0692→0.00012",
        "1.05→0.00012",
        "signal   ██",
        "gradient ▁▁",
    ):
        assert part in text, part


def test_folds_are_alike(deep: Any) -> None:
    document = deep(300)
    document["layers"][42]["weight"]["std"] *= 3
    document["layers"][50]["activation"] = "relu"
    document["layers"][59]["op"] = "conv"
    document["layers"][67]["shape"] = [3, 3]
    rows = layers.rows(document)
    assert sum(len(row.layers) for row in rows) == 300
    alone = {row.name for row in rows if len(row.layers) == 1}
    assert alone == {"embedding", "head", *(document["layers"][i]["name"] for i in (42, 50, 59, 67))}
    assert len(layers.rows(document, fold=False)) == 300


def test_few_layers_are_shown_one_by_one(deep: Any) -> None:
    assert all(len(row.layers) == 1 for row in layers.rows(deep(12)))


def test_many_layers_without_repetition_are_thinned_but_no_finding_is(deep: Any) -> None:
    document = deep(300, sick=0.1)
    for i, layer in enumerate(document["layers"]):
        layer["name"] = f"layer{i}"
    for i, finding in enumerate(document["findings"]):
        finding["layer"] = f"layer{i}"
    lines = render(document, "text", width=100).splitlines()
    assert sum(line.startswith("✗") for line in lines) == 30
    assert sum(line.startswith("✓") for line in lines) == 10
    assert lines[-1] == "and 260 layers more without findings; --format html shows all"


@pytest.mark.parametrize(
    ("names", "spelled"),
    [
        (["1", "2", "3", "5"], ["1-3,5"]),
        (["0", "2", "4", "6", "8"], ["0…8"]),
        (["a.0.b.0", "a.0.b.1", "a.1.b.0"], ["a.0-1.b.0-1"]),
        (["conv1", "conv2"], ["conv1", "conv2"]),
        (["cell", "cell#2", "cell#3"], ["cell", "cell#2-3"]),
        ([], []),
    ],
)
def test_spelling_of_many_names(names: list[str], spelled: list[str]) -> None:
    assert folding.spell(names) == spelled


def test_groups_are_of_one_code_and_one_severity(deep: Any) -> None:
    document = deep(30, sick=1.0)
    document["findings"][3]["severity"] = "warning"
    document["findings"][4]["fix"] = None
    document["findings"][5]["fix"] = {"scheme": "zeros", "std": None, "snippet": {}}
    first, second = view.groups(document)
    assert (len(first.findings), len(second.findings)) == (29, 1)
    assert view.remedy(first) == "lecun_normal or zeros, std 0.0086; for layer embedding:"
    assert view.remedy(second) == "lecun_normal, std 0.0086"


def test_a_terminal_shows_the_code_of_the_networks_framework(deep: Any) -> None:
    document = deep(3, sick=1.0)
    for finding in document["findings"]:
        finding["fix"]["snippet"] = {"numpy": "np.random.randn()", "torch": "nn.init.zeros_(w)"}
    assert "np.random" not in render(document, "text") and "nn.init" in render(document, "text")
    assert "np.random" in render(document | {"framework": "numpy"}, "text")


def test_confidence_is_evidence(deep: Any) -> None:
    document = deep(3, sick=1.0)
    document["findings"][0]["confidence"] = 0.95
    jsonschema.validate(document, schema("check"))
    assert "confidence 95 % of other draws of the model show it" in " ".join(render(document, "text").split())


def test_numbers_that_are_missing_zero_or_not_finite(deep: Any) -> None:
    document = deep(30)
    for layer in document["layers"][5:]:
        layer["forward"] = {"rms": None, "std": 0.0}
        layer["weight"]["std"] = None
        layer["backward"] = {}
    for format in ("text", "html"):
        assert render(document, format)


def test_page_shows_the_courses_and_every_layer_on_request(deep: Any) -> None:
    page = render(deep(300, factor=0.97, sick=0.3), "html")
    assert page.count("<svg") == 2
    assert "All 300 layers, none folded" in page
    assert "transformer.encoder.layers.0-22.self_attn.in_proj ×23" in page
    assert "<td>transformer.encoder.layers.41.linear1</td>" in page
    assert "none folded" not in render(deep(3), "html")


def test_page_tells_of_the_rule(build: dict[str, Any]) -> None:
    rule = {"code": "FAN102", "slug": "non-zero-mean", "summary": "In short.", "page": "In short.\n\n<b>At length</b>"}
    page = render(build["check"]() | {"rules": [rule]}, "html")
    assert "About this rule: In short." in page
    assert "&lt;b&gt;At length" in page


def test_a_notebook_gets_a_table(deep: Any) -> None:
    shown = fragment(deep(300, factor=0.97, sick=0.3))
    assert shown.startswith('<div class="fanin">')
    assert "<pre" not in shown and "<script" not in shown and "://" not in shown
    assert "The cause:" in shown and "nn.init.normal_(w, std=0.0086)" in shown
    assert shown.count("<tr>") < 30
    hostile = deep(3) | {"target": "<script>alert(1)</script>\x1b"}
    assert "<script" not in fragment(hostile)


def test_what_was_fixed_is_shown_first(deep: Any) -> None:
    names = [f"layers.{i}.weight" for i in range(12)]
    moments = {"before": {"mean": 0.5, "std": 0.29}, "after": {"mean": 0.001, "std": 0.036}}
    parameters = [{"parameter": name, "scheme": "lecun_normal", **moments} for name in names]
    document = deep(3) | {"fixed": {"cause": "FAN103", "findings": 12, "parameters": parameters}}
    jsonschema.validate(document, schema("check"))
    text = render(document, "text")
    assert text.startswith("Drew 12 parameters anew. Before: 12 findings, FAN103. After:")
    assert "layers.0-11.weight ×12" in text and "0.036" in text
    assert "What was drawn anew" in render(document, "html")
    nothing = document | {"verdict": "fail", "fixed": {"cause": "FAN501", "findings": 1, "parameters": []}}
    assert "Nothing could be fixed safely" in render(nothing, "text")
    assert "Nothing could be fixed safely" in render(nothing, "html")
    assert render(nothing | {"verdict": "pass"}, "text").startswith("Nothing to fix.")


@pytest.mark.parametrize(("width", "columns"), [(60, 2), (80, 3), (100, 6), (160, 6)])
def test_what_was_fixed_breaks_no_name_on_a_narrow_terminal(deep: Any, width: int, columns: int) -> None:
    schemes = ["scaled_orthogonal(gain=1.414)", "variance_scaling(scale=0.125, distribution='normal')"]
    moments = {"before": {"mean": 0.5, "std": 0.29}, "after": {"mean": 0.001, "std": 0.036}}
    parameters = [
        {"parameter": f"transformer.encoder.layers.{i}.{name}.weight", "scheme": scheme, **moments}
        for name, scheme in zip(("linear1", "self_attn.out_proj"), schemes, strict=True)
        for i in range(12)
    ]
    document = deep(3) | {"fixed": {"cause": "FAN103", "findings": 12, "parameters": parameters}}
    text = render(document, "text", width=width).partition("\n\n")[0]
    assert max(map(len, text.splitlines())) <= width
    for word in (*" ".join(schemes).split(), "linear1.weight ×12", "out_proj.weight ×12"):
        assert word in text, text
    row = next(line for line in text.splitlines() if "linear1" in line)
    assert len(re.split("  +", row.strip())) == columns, "what is missed least is left out first"


def test_a_course_that_breaks_off_says_so_and_leaves_no_gap(deep: Any) -> None:
    document = deep(30)
    for layer in document["layers"][5:]:
        layer["forward"] = dict.fromkeys(layer["forward"])
    line = next(line for line in render(document, "text").splitlines() if line.startswith("signal "))
    assert re.match(r"signal +\S{5} then not finite +\S+→\S+$", line)
