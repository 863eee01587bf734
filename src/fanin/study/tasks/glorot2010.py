"""Five hidden layers of tanh, softsign or sigmoid units: the start that was usual before 2010, and Xavier's.

What happens
    Uniform weights on ±1/sqrt(n) have variance 1/(3n): a third of what keeps the signal where tanh is nearly linear. In
    every layer forward and backward it loses a factor of about sqrt(3), and the lower layers begin to learn late. The
    normalized start, ±sqrt(6/(n_in + n_out)), keeps it. Sigmoid units answer 1/2 to nothing: the top layer sees
    hardly more than a constant, learns to ignore it, and five such layers stay at chance for long under both starts.

Beside the paper
    The paper's table 1, test error in per cent (N is the normalized start; no N is given for sigmoid):

    |                 | softsign | softsign N | tanh  | tanh N | sigmoid |
    | --- | --- | --- | --- | --- | --- |
    | Shapeset-3 x 2  | 16.27 | 16.06 | 27.15 | 15.60 | 82.61 |
    | MNIST           | 1.64 | 1.72 | 1.76 | 1.64 | 2.21 |
    | ours, 1 epoch   | 58.6 | 17.2 | 41.0 | 12.6 | 89.6 |
    | ours, 10 epochs | 11.4 | 8.5 | 8.9 | 7.7 | 88.8 |

    Ours are means over three seeds on 6,000 images of MNIST, five layers of 100. As in the paper tanh gains, sigmoid
    fails, and the gap closes with training: on MNIST the paper's own differences are a tenth of a point. Softsign gains
    from the normalized start too, which the paper does not see; with time that fades, from 41 points to 3.

Settings
    100 units, softmax, batches of 10, learning rate 0.02, 10 epochs of at most 50,000 images; biases 0. The paper's
    Shapeset-3 x 2, endless drawings of one or two shapes, is not in this package: any images will show the difference.
    The full form is `--width 1000 --data mnist --data-dir DIR --lr 0.001,0.01,0.1 --epochs 50`: by its arithmetic, 4e15
    operations, a day on two cores.

Reference
    Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS, table 1
    and figure 11.
"""

from fanin.study.task import Task

TASK = Task(
    name="glorot2010",
    title="Five hidden layers of tanh, softsign or sigmoid units, softmax",
    hidden=(100,) * 5,
    activation="tanh",
    output="linear",
    loss="cross_entropy",
    bias="zeros",
    inits=("uniform(-1, 1)/sqrt(fan_in)", "xavier_uniform"),
    epochs=10,
    batch=10,
    lr=0.02,
    train=50_000,
    axes={"activation": ("tanh", "softsign", "sigmoid")},
)
