"""x

Settings
Reference
"""

from fanin.study.task import ModelTask

TASK = ModelTask(
    name="char-transformer",
    title="A small transformer foretells letters, as wide as is asked",
    model="fanin.adapters.torch.networks.char_transformer:char_transformer",
    loss="cross_entropy",
    inits=("torch", "gpt2", "gpt2(scaled=0)", "mup(base=16)"),
    data="grammar",
    epochs=2,
    batch=16,
    lr=0.003,
    optimizer="adam",
    train=1_000,
    axes={"width": (16, 64), "lr": (0.003, 0.01, 0.03, 0.1)},
)
