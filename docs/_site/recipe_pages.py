"""A page for every recipe: its docstring, its options, and what it plans for a small network of each kind."""

from words import code, essay, prose, table

from fanin.errors import InputError
from fanin.recipes import Recipe, catalogue
from fanin.recipes import _example as networks
from fanin.values.plan import Plan

SECTION = "recipes"
EXAMPLES = {
    "Three dense layers, ReLU": networks.plain(),
    "21 dense layers, tanh": networks.plain((20, *[64] * 20, 10), "tanh"),
    "Dense layers of sines": networks.plain((2, 64, 64, 3), "sin"),
    "Convolutions in residual blocks": networks.residual(),
    "Convolutions in residual blocks, with batch norm": networks.residual(norm=True),
    "Convolutions in residual blocks, each behind a trained scalar": networks.residual(scale=True),
    "Transformer, norms in front of its blocks": networks.transformer(),
    "Transformer, norms behind the sums": networks.transformer(norms="post"),
    "Transformer whose output layer is its table": networks.transformer(tied=True),
    "Recurrent": networks.recurrent(),
}
_INTRODUCTION = """# The recipes

A recipe gives a scheme to every parameter of a model. `signal` is the default of `fanin init`;
[Recipes and plans](../recipes.md) says how they are used, changed and saved.

"""


def pages() -> dict[str, str]:
    """The table, then one page each."""
    recipes = catalogue()
    rows = ((f"[`{name}`]({name}.md)", prose(recipe.summary)) for name, recipe in recipes.items())
    index = _INTRODUCTION + table(("recipe", "what it does"), rows)
    return {f"{SECTION}/index.md": index} | {f"{SECTION}/{name}.md": _page(each) for name, each in recipes.items()}


def _page(recipe: Recipe) -> str:
    options = ", ".join(f"{name}={value:g}" for name, value in recipe.defaults.items())
    typed = f"{recipe.name}({options})" if options else recipe.name
    return (
        f"# {recipe.name}\n\n{essay(recipe.page)}\n\n"
        f"```console\n$ fanin init model.py:build --recipe '{typed}' --dry-run\n```\n\n"
        f"Version {recipe.version}: a change of any value that it gives is a new version.\n{_examples(recipe)}"
    )


def _examples(recipe: Recipe) -> str:
    """What it decides for small networks; those not of its kind are left out."""
    text = ""
    for name, network in EXAMPLES.items():
        try:
            plan = recipe(network.params, network.graph)
        except InputError:
            continue
        text += f'\n??? example "{name}"\n\n' + _indented(_plan(plan))
    return f"\n## What it plans\n{text}" if text else ""


def _plan(plan: Plan) -> str:
    rows = (
        (
            code(each.param.path),
            "×".join(map(str, each.param.shape)),
            code(each.scheme.name),
            "" if each.std is None else f"{each.std:.4g}",
            prose(each.reason),
        )
        for each in plan.assignments
    )
    return table(("parameter", "shape", "scheme", "std", "why"), rows)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
