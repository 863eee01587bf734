"""x

Settings
Reference
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
