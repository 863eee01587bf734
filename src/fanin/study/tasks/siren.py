"""x

Settings
Reference
"""

from fanin.study.task import ModelTask

TASK = ModelTask(
    name="siren",
    title="A network of sines holds a picture",
    model="fanin.adapters.torch.networks.sines:sines",
    loss="mse",
    inits=("siren", "torch", "xavier_uniform", "he_normal"),
    data="picture",
    epochs=80,
    batch=512,
    lr=0.001,
    optimizer="adam",
)
