"""What `fanin check` says of architectures of `transformers`: small configurations, random weights, no data given.

    python benchmarks/verdicts.py

Prints a table in Markdown: the verdict, and the principal finding in the doctor's words.
"""

import sys
import warnings
from pathlib import Path

import torch

import fanin


def row(name: str, config: str, sizes: dict) -> str:
    """One line of the table."""
    from zoo.architectures import build

    try:
        report = fanin.check(lambda: build(name, config, sizes))
    except fanin.FaninError as error:
        return f"| {name} | not run | | {error} |"
    found = [finding for finding in report.findings if finding.code == report.cause]
    if not found:
        return f"| {name} | pass | | |"
    places = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"| {name} | {found[0].severity} | {found[0].code} {found[0].slug} | {found[0].message}{places} |"


def main() -> None:
    """All of them."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from zoo.architectures import FAULTS, MODELS

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    print("| model | verdict | rule | what it says |\n|---|---|---|---|")
    for model in (*MODELS, *FAULTS):
        print(row(*model), flush=True)


if __name__ == "__main__":
    main()
