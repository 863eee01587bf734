"""cs231n's stack: 1,000 inputs of 500 numbers, ten layers of 500; the printed stds over our prediction."""

from matplotlib.figure import Figure

from fanin.report.pictures.style import MUTED, color, quiet, title
from fanin.theory import LayerLaw, predict

TANH = (0.213081, 0.047551, 0.010630, 0.002378, 0.000532, 0.000119, 0.000026, 0.000006, 0.000001)
RELU = (0.825232, 0.827835, 0.813855, 0.826902, 0.834092, 0.860035, 0.870610, 0.889348, 0.845357, 0.844523)
STACKS = (("0.01*randn, tanh", "tanh", 0.01, TANH), ("randn*sqrt(2/n), relu", "relu", (2 / 500) ** 0.5, RELU))


def draw() -> Figure:
    """Circles are printed in the lecture; line and band are our prediction, plus and minus two standard errors."""
    figure = Figure(figsize=(8.6, 2.9), layout="constrained")
    for arm, (axes, (name, activation, std, printed)) in enumerate(zip(figure.subplots(1, 2), STACKS, strict=True)):
        laws = [LayerLaw(str(i), 500, 500, activation, weight_mean=0.0, weight_std=std) for i in range(1, 11)]
        rows = predict(laws, batch=1000).series("forward", "std")
        y = [row.value for row in rows]
        low = [max(row.value - 2 * row.stderr, row.value / 100) for row in rows]
        high = [row.value + 2 * row.stderr for row in rows]
        quiet(axes)
        axes.fill_between(range(1, 11), low, high, color=color(arm), alpha=0.16, linewidth=0)
        axes.plot(range(1, 11), y, color=color(arm), linewidth=1.7)
        axes.plot(range(1, len(printed) + 1), printed, "o", ms=6, mfc="none", mec=color(arm), zorder=5)
        axes.set_xticks(range(1, 11))
        axes.set_xlabel("layer", color=MUTED, fontsize=9)
        title(axes, f"{name}: std of the activations")
        if activation == "relu":
            axes.set_ylim(0, 1.25)
        else:
            axes.set_yscale("log")
            axes.minorticks_off()
    return figure
