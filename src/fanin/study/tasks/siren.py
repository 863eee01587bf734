"""A network of sines is fitted to a picture: with its own start it holds it, with others it holds hardly the mean.

What happens
    A layer computes sin(30 (W x + b)). Uniform weights on ±sqrt(6/fan_in)/30 make the argument of every sine N(0, 1),
    at any depth, and the gradient stays. Starts that know nothing of the factor of 30 send the arguments round the
    circle many times: the gradient grows by 10 to 30 in every layer (FAN302 says so before training), and
    neighbouring pixels get signals that have nothing to do with each other.

Beside the paper
    The paper shows this in pictures and has no table of starts: its figure 1 has sines far ahead of ReLU and tanh
    when fitting a photograph, and section 3.2 derives the start. Ours, three seeds, 64 x 64 pixels; a constant grey
    has 12.8 dB:

    | start | squared error | signal to noise |
    | --- | --- | --- |
    | `siren` | 0.0023 | 32.4 dB |
    | `torch`, PyTorch's default | 0.199 | 13.0 dB |
    | `xavier_uniform` | 0.196 | 13.1 dB |
    | `he_normal` | 0.211 | 12.8 dB |

    The decibels are 10 log10(4/e) of the mean squared error e, as brightness goes from -1 to 1.

Settings
    two coordinates, three layers of 64 sines, one linear output; Adam with rate 0.001, batches of 512 pixels, 60
    epochs. The paper's form is 256 units on 256 x 256 pixels, all in one batch, rate 1e-4: `--width 256 --data
    'picture(256)' --batch 65536 --lr 1e-4 --epochs 500`, some hours on two cores. To train all is to test all: the
    question is how well the picture is held.

Reference
    Sitzmann, Martel, Bergman, Lindell and Wetzstein 2020, arXiv:2006.09661, section 3.2 and figure 1.
"""

from fanin.study.task import ModelTask

TASK = ModelTask(
    name="siren",
    title="A network of sines holds a picture",
    model="fanin.adapters.torch.networks.sines:sines",
    loss="mse",
    inits=("siren", "torch", "xavier_uniform", "he_normal"),
    data="picture",
    epochs=60,
    batch=512,
    lr=0.001,
    optimizer="adam",
)
