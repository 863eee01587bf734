"""A small transformer foretells letters: GPT-2's start with and without its depth, PyTorch's, and muP, over widths.

What happens
    Under PyTorch's default and GPT-2's 0.02 the best learning rate of Adam falls as the network grows wider: each
    step moves a sum over more inputs further. Under muP the rate of each matrix is divided by its inputs over the
    base width, the output layer starts smaller, and the rate that was best for a narrow network stays the best one;
    so the report's table of best rates is what to read. GPT-2's depth, 0.02/sqrt(N) for what writes to the residual
    stream, keeps a deep stream from growing; with two blocks there is little to keep.

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
