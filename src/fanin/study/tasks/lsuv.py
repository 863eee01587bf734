"""x

Settings
Reference
"""

from fanin.study.task import ModelTask

TASK = ModelTask(
    name="lsuv",
    title="A thin convolutional network of twelve layers without norms",
    model="fanin.adapters.torch.networks.thin_cnn:thin_cnn",
    loss="cross_entropy",
    inits=("torch", "orthogonal", "he_normal", "lsuv"),
    data="digits",
    epochs=15,
    batch=32,
    lr=0.02,
    optimizer="momentum",
)
