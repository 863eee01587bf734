import json

import pytest

from fanin import recipes
from fanin.assign import assign, read
from fanin.errors import FaninError, InputError, UnknownName
from fanin.recipes import _example as networks
from fanin.values import Param
from fanin.values.plan import KEEP, Plan, Receipt, Written

NETWORK = networks.transformer()


def of(recipe: str | Plan = "gpt2", **overrides: str) -> Plan:
    return assign(NETWORK.params, NETWORK.graph, recipe, overrides)


def test_a_recipe_with_options() -> None:
    assert of("mup(base=256)").by_path["head.weight"].std == pytest.approx(16 / 32)
    assert of("mup(base=256)").recipe == "mup(base=256)"
    for wrong in ("mup(base='a')", "mup(64)", "gpt2 + bert", "__import__('os')", "nope"):
        with pytest.raises(FaninError, match=r"recipe|gpt2"):
            of(wrong)
    with pytest.raises(UnknownName, match="did you mean"):
        of("gpt3")


def test_overrides_by_pattern_and_the_last_wins() -> None:
    overrides = {"h.*.q.weight": "he_normal", "h.1.*": "normal(0, 0.5)", "wpe.weight": "keep"}
    plan = assign(NETWORK.params, NETWORK.graph, "gpt2", overrides)
    assert plan.by_path["h.0.attention.q.weight"].scheme.name == "he_normal"
    assert plan.by_path["h.1.attention.q.weight"].std == 0.5
    assert plan.by_path["h.1.attention.q.weight"].reason == "override 'h.1.*'"
    assert plan.by_path["wpe.weight"].keeps
    assert plan.by_path["wpe.weight"].std is None
    assert plan.by_path["wte.weight"].std == 0.02


def test_an_override_decides_what_the_recipe_does_not() -> None:
    mystery = Param("rate", (3,), ("out",), role="state")
    plan = assign([*networks.plain().params, mystery], overrides={"rate": "constant(0.1)"})
    assert plan.by_path["rate"].scheme.loc == "0.1"
    with pytest.raises(InputError, match="'rate'"):
        assign([*networks.plain().params, mystery])


def test_a_pattern_that_matches_nothing_is_an_error() -> None:
    with pytest.raises(InputError, match=r"'head\.wieght' matches no parameter; .* wte\.weight"):
        assign(NETWORK.params, NETWORK.graph, "gpt2", {"head.wieght": "zeros"})


def test_a_plan_is_applied_again_and_only_to_its_model() -> None:
    plan = of("gpt2")
    again = Plan.from_json(json.loads(json.dumps(plan.to_json(), allow_nan=False)))
    assert assign(NETWORK.params, NETWORK.graph, again) == plan
    assert assign(NETWORK.params, NETWORK.graph, again, {"wte.*": "zeros"}).by_path["wte.weight"].std == 0
    wider = networks.transformer(width=64)
    with pytest.raises(InputError, match=r"'wte\.weight': the plan has .* in this model that is"):
        assign(wider.params, wider.graph, again)
    deeper = networks.transformer(blocks=3)
    with pytest.raises(InputError, match=r"does not decide 'h\.2\.attention\.ln\.weight'"):
        assign(deeper.params, deeper.graph, again)
    flatter = networks.transformer(blocks=1)
    with pytest.raises(InputError, match=r"decides 'h\.1\..*', which this model lacks"):
        assign(flatter.params, flatter.graph, again)


def test_plans_differ_where_they_draw_otherwise() -> None:
    plan = of("gpt2")
    assert plan.diff(of("gpt2")) == ()
    changes = plan.diff(assign(NETWORK.params, NETWORK.graph, "gpt2", {"head.weight": "zeros"}))
    assert [str(change) for change in changes] == ["head.weight: gpt2 std 0.02 on 100x32 -> zeros std 0 on 100x32"]
    fewer = Plan("gpt2", 1, plan.assignments[1:])
    assert [(change.path, change.after) for change in plan.diff(fewer)] == [("wte.weight", None)]
    # nanoGPT's rule of depth, had it not matched a single layer
    flat = assign(NETWORK.params, NETWORK.graph, "gpt2", {"h.*.proj.weight": "gpt2", "h.*.down.weight": "gpt2"})
    assert any("gpt2_residual" in str(change) for change in plan.diff(flat))


def test_a_plan_is_a_table_in_which_repeated_blocks_are_one_row() -> None:
    text = str(of("gpt2"))
    assert text.startswith("recipe gpt2, version 1: 42 tensors, 40,932 values\n")
    assert "h.*.attention.q.weight (2)" in text
    assert "h.0.attention.q.weight" not in text
    assert "one of 4 that write to the residual stream" in text


def test_a_parameter_is_decided_once() -> None:
    twice = of("gpt2").assignments[:1] * 2
    with pytest.raises(InputError, match="decided twice"):
        Plan("gpt2", 1, twice)


def test_recipe_files() -> None:
    assert read('recipe = "bert"', "toml") == ("bert", {})
    assert read('{"overrides": {"*.bias": "keep"}}', "json") == ("signal", {"*.bias": "keep"})
    plan, overrides = read(json.dumps(of("gpt2").to_json()), "json")
    assert (plan, overrides) == (of("gpt2"), {})
    for text, kind in (
        ("recipe =", "toml"),
        ("[1]", "json"),
        ("{", "json"),
        ('recipes = "bert"', "toml"),
        ("[overrides]\nx = 3", "toml"),
        ('{"schema": "fanin.check/1"}', "json"),
        ("[" * 100_000, "json"),
    ):
        with pytest.raises(InputError) as caught:
            read(text, kind)
        assert "\n" not in str(caught.value)


def test_keep_is_no_scheme_of_the_catalogue() -> None:
    kept = recipes.assignment(NETWORK.params[0], "keep", "a test")
    assert kept.scheme == KEEP
    assert kept.summary == "keep on 100x32"


def test_a_receipt_does_not_depend_on_the_order() -> None:
    rows = tuple(Written(name, "zeros", "float32", 0.0, 0.0, 0.0, 0.0, name * 64) for name in "abc")
    receipt = Receipt(0, "signal", 1, rows)
    assert receipt.sha256 == Receipt(0, "signal", 1, rows[::-1]).sha256
    assert receipt.sha256 != Receipt(0, "signal", 1, rows[:2]).sha256
    assert Receipt.from_json(json.loads(json.dumps(receipt.to_json()))) == receipt
