"""ReLU networks as wide as they are deep: with the right variance they begin to learn at any depth, with no other.

What happens
    The mean square of the signals is multiplied in every layer by the variance of the weights over 2/fan_in. With He's
    variance, of a normal or a uniform law, it stays; with twice that it explodes, and with the variance of a normal law
    cut at two standard deviations (0.77 of it) or Xavier's (half of it, in square layers) it vanishes. What decides is
    the sum over the layers, so that depth makes of a small error a large one.

    That the sum of 1/width is 1 in all these networks keeps a second failure away that the paper found: signals that
    fluctuate from one network to the next (FAN602, which the doctor mentions).

Beside the paper
    Its figure 1(b) shows epochs to 20 % test accuracy on MNIST, mean of five runs: He normal and He uniform need the
    same few at all depths, and of the others the more the deeper the network, until they do not begin. Ours, the median
    of three seeds over epochs of 6,000 images, a tenth of the paper's:

    | epochs to 20 %           | depth 10 | depth 20 | depth 40 |
    | --- | --- | --- | --- |
    | He normal, He uniform    | 1 | 1 | 1 |
    | twice the variance       | 1 | never, diverged | never, diverged |
    | cut at 2 std, 0.77 of it | 2 | 2 | 5 |
    | Xavier, half of it       | 6 | never in 10 | never in 10 |

Settings
    as many units as layers, softmax, batches of 32, learning rate 0.01, 10 epochs of at most 60,000 images; biases 0.
    The full form is `--depth 10,20,40,60,80,100 --data mnist --data-dir DIR --seeds 5`: by its arithmetic, 2e14
    operations, some hours on two cores.

Reference
    Hanin and Rolnick 2018, How to start training: the effect of initialization and architecture, arXiv:1803.01719,
    figure 1.
"""

from fanin.study.task import Task

TASK = Task(
    name="hanin-rolnick",
    title="ReLU networks as wide as deep: when do they begin to learn?",
    hidden=(20,) * 20,
    activation="relu",
    output="linear",
    loss="cross_entropy",
    bias="zeros",
    inits=("he_normal", "he_uniform", "sqrt(2)*he_normal", "truncated_normal(0, 1)*sqrt(2/fan_in)", "xavier_normal"),
    epochs=10,
    batch=32,
    lr=0.01,
    train=60_000,
    axes={"depth": (10, 20, 40)},
    is_square=True,
)
