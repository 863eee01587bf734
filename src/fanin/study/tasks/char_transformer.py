"""A small transformer foretells letters: GPT-2's start with and without its depth, PyTorch's, and muP, over widths.

What happens
    Under PyTorch's default and GPT-2's 0.02 the best learning rate of Adam falls as the network grows wider: each
    step moves a sum over more inputs further. Under muP the rate of each matrix is divided by its inputs over the
    base width, the output layer starts smaller, and the rate that was best for a narrow network stays the best one;
    so the report's table of best rates is what to read. GPT-2's depth, 0.02/sqrt(N) for what writes to the residual
    stream, keeps a deep stream from growing; with two blocks there is little to keep.

Beside the paper
    In figure 1 of Yang et al. the best rate moves by more than ten times from width 128 to 8192 under the usual
    start, and stays under muP. Ours, three seeds; the last two columns are validation losses at width 64, at the rate
    that was best at width 16 and at its own best:

    | start | best rate, width 16 | width 64 | loss with the rate of 16 | with its own |
    | --- | --- | --- | --- | --- |
    | `torch`, PyTorch's default | 0.03 | 0.01 | 1.51 | 1.17 |
    | `gpt2` | 0.01 | 0.003, the least tried | 2.23 | 1.52 |
    | `gpt2(scaled=0)`, without its depth | 0.01 | 0.003, the least tried | 2.16 | 1.56 |
    | `mup(base=16)` | 0.03 | 0.03 | 1.15 | 1.15 |

    Test losses at width 64 are 1.14 under muP, 1.17 under PyTorch's default, each with its own best rate (no
    difference seen), 1.51 and 1.55 under GPT-2's: 0.02 is meant for widths of a thousand and is small for 64. With
    its depth GPT-2's loss is 2.8 % lower [-9.0, 13.3]: no difference is seen.

Settings
    two blocks, norms in front, heads of 8 units, so that a wider network has more heads and attention keeps its
    scale; 32 letters at a time of a text that a small grammar makes; Adam, batches of 16, 2 epochs of 1,000 pieces.
    What is compared is the test loss at the rate that validation letters choose. Nearer to the papers' is `--width
    64,128,256,512 --depth 6 --data 'grammar(10000000)' --lr 0.0003,0.001,0.003,0.01,0.03`: days on two cores.

Reference
    Radford et al. 2019 (GPT-2), section 2.3; Yang, Hu et al. 2022, arXiv:2203.03466, figure 1 and table 3.
"""

from fanin.study.task import ModelTask

TASK = ModelTask(
    name="char-transformer",
    title="A small transformer foretells letters, narrow and wide",
    model="fanin.adapters.torch.networks.char_transformer:char_transformer",
    loss="cross_entropy",
    inits=("torch", "gpt2", "gpt2(scaled=0)", "mup(base=16)"),
    data="grammar",
    epochs=2,
    batch=16,
    lr=0.01,
    optimizer="adam",
    train=1_000,
    axes={"width": (16, 64), "lr": (0.003, 0.01, 0.03, 0.1)},
)
