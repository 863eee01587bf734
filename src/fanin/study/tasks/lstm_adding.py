"""An LSTM adds two marked numbers of a sequence: the more its forget gates are open at the start, the sooner it learns.

What happens
    A forget gate of bias 0 is half open: in each step half of what the cell holds is lost, and half of the gradient.
    Over 25 steps, the mean distance of the first number, 3e-8 of both is left, and the network must first learn to
    open its gates. With a bias of 1 it keeps 73 % per step. Chrono draws the biases so that the units forget on all
    time scales up to the longest; some keep a number through the whole sequence from the beginning.

Beside the paper
    Who answers 1 always has a squared error of 0.167. Tallec and Ollivier show for 200 and 750 steps curves that
    leave this level sooner with chrono than with a bias of 1; Jozefowicz et al. that 1 is better than 0. Ours, 50
    steps, three seeds:

    | start | epochs to half of 0.162, each seed | squared error after 6 epochs | after 15 |
    | --- | --- | --- | --- |
    | forget bias 0, `lstm(forget=0)` | 13, 8, 9 | 0.157 | 0.0040 |
    | forget bias 1, `lstm(forget=1)` | 7, 6, 8 | 0.108 | 0.0010 |
    | chrono, `lstm(longest=50)` | 5, 4, 5 | 0.020 | 0.0006 |

    All learn in the end, at this length: what the bias decides is when. (0.162 is the level of these 1,000 test
    examples.)

Settings
    32 units, orthogonal recurrent and Glorot input matrices in every arm; Adam with rate 0.005, batches of 64, 15
    epochs of 5,000 sequences of 50 steps. The paper's form is `--width 128 --data 'adding(750)' --init
    'lstm(forget=1)' --init 'lstm(longest=750)' --epochs 100`: a day on two cores, 10,000 sequences.

Reference
    Tallec and Ollivier 2018, arXiv:1804.11188, section 4; Jozefowicz, Zaremba and Sutskever 2015, section 4; the
    task: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735.
"""

from fanin.study.task import ModelTask

TASK = ModelTask(
    name="lstm-adding",
    title="An LSTM adds two marked numbers out of fifty",
    model="fanin.adapters.torch.networks.lstm:last_answer",
    loss="mse",
    inits=("lstm(forget=0)", "lstm(forget=1)", "lstm(longest=50)"),
    data="adding",
    epochs=15,
    batch=64,
    lr=0.005,
    optimizer="adam",
    train=5_000,
)
