"""Inputs that are found for a model that comes without any."""

import types

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from fanin.adapters.torch import outputs_of, sample_inputs
from fanin.errors import InputError


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (nn.Sequential(nn.Linear(3, 2)), (4, 3)),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 2)), (4, 784)),
        (nn.Sequential(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 2, 3)), None),
        (nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)), (4, 3, 32, 32)),
        (nn.Sequential(nn.Conv2d(1, 4, 5), nn.Flatten(), nn.Linear(4 * 24 * 24, 2)), (4, 1, 28, 28)),
        (nn.Sequential(nn.Conv2d(3, 4, 4, 4), nn.Flatten(), nn.Linear(4 * 56 * 56, 2)), (4, 3, 224, 224)),
        (nn.Sequential(nn.BatchNorm1d(7), nn.Linear(7, 2)), (4, 7)),
        (nn.Sequential(nn.ConvTranspose2d(8, 4, 4), nn.Tanh()), (4, 8, 1, 1)),
        (nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU()), (4, 2, 256)),
        (nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 2)), (4, 12)),
        (nn.LSTM(3, 4, batch_first=True), (4, 12, 3)),
        (nn.GRUCell(3, 4), (4, 3)),
        (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (4, 12, 8)),
    ],
)
def test_by_the_first_layers(model, shape):
    if shape is None:
        with pytest.raises(
            InputError, match=r"the model runs with none of the inputs tried \(4 standard-normal inputs"
        ):
            sample_inputs(model, samples=4)
        return
    args, kwargs, words = sample_inputs(model, samples=4)
    assert [tuple(arg.shape) for arg in args] == [shape]
    assert kwargs == {}
    assert words.startswith("4 ")


def test_ids_are_within_every_table(written):
    model = written(lambda m, users, items: m.a(users) * m.b(items), a=nn.Embedding(90, 4), b=nn.Embedding(7, 4))
    args, _, words = sample_inputs(model)
    assert len(args) == 2 and all(0 <= int(arg.min()) <= int(arg.max()) < 7 for arg in args)
    assert words == "2 inputs of random ids below 7 (12, for users, items)"


def test_steps_are_told_by_their_names(written):
    def forward(m, x, t):
        return m.conv(x) + m.time(F.one_hot(t, 10).float())[:, :, None, None]

    args, _, _ = sample_inputs(written(forward, conv=nn.Conv2d(3, 4, 3), time=nn.Linear(10, 4)))
    assert args[0].shape == (2, 3, 32, 32)
    assert args[1].dtype == torch.int64 and args[1].shape == (2,)


def test_functions_of_parameters_alone(written):
    model = written(lambda m, x: torch.relu(x @ m.w) @ m.v, w=torch.randn(3, 5), v=torch.randn(5, 2))
    assert sample_inputs(model)[0][0].shape == (2, 3)


def test_given_shapes_are_taken():
    model = nn.Sequential(nn.Conv2d(3, 4, 3))
    args, _, words = sample_inputs(model, [(3, 17, 19)], samples=5)
    assert args[0].shape == (5, 3, 17, 19)
    assert words == "5 standard-normal inputs (3x17x19)"
    ids = sample_inputs(nn.Sequential(nn.Embedding(9, 4)), [(6,)])
    assert ids[0][0].dtype == torch.int64 and ids[2] == "2 inputs of random ids below 9 (6)"
    with pytest.raises(
        InputError, match=r"inputs tried \(2 standard-normal inputs \(4x17x19\)\); the first raised Runt"
    ):
        sample_inputs(model, [(4, 17, 19)])


def test_same_seed_same_inputs():
    model = nn.Sequential(nn.Linear(3, 2))
    first, again, other = (sample_inputs(model, seed=seed)[0][0] for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_they_fit_the_models_precision_and_device():
    assert sample_inputs(nn.Sequential(nn.Linear(3, 2)).double())[0][0].dtype == torch.float64
    assert sample_inputs(nn.Sequential(nn.Linear(3, 2)).to("meta"))[0][0].is_meta


def test_by_the_configuration(written):
    def forward(m, input_ids=None, pixel_values=None):
        return m.words(input_ids).mean(1) + m.pixels(pixel_values).mean((2, 3))

    model = written(forward, words=nn.Embedding(9, 4), pixels=nn.Conv2d(3, 4, 2))
    model.config = types.SimpleNamespace(vocab_size=9, image_size=16, num_channels=3)
    model.main_input_name = "input_ids"
    args, kwargs, words = sample_inputs(model)
    assert args == ()
    assert {name: tuple(tensor.shape) for name, tensor in kwargs.items()} == {
        "input_ids": (2, 12),
        "pixel_values": (2, 3, 16, 16),
    }
    assert words == "2 samples of input_ids 12 and pixel_values 3x16x16, by its configuration"


def test_a_model_that_tells_nothing(written):
    with pytest.raises(InputError, match=r"it has no layer that tells.*give --input-shape or --data"):
        sample_inputs(written(lambda m, x: x))


def test_outputs_are_the_floating_tensors_of_a_result():
    a, b, ids = torch.randn(2), torch.randn(3), torch.arange(3)
    assert list(outputs_of((a, {"x": [b, ids]}))) == [a, b]
    assert list(outputs_of({"logits": a, "hidden_states": b, "loss": b})) == [a]
    assert list(outputs_of({"last": a, "past_key_values": b})) == [a]


def test_of_a_given_shape_the_model_decides_between_numbers_and_ids(written):
    model = written(
        lambda m, ids: m.head(m.words(ids) + m.place),
        place=nn.Parameter(torch.zeros(4)),
        words=nn.Embedding(9, 4),
        head=nn.Linear(4, 2),
    )
    args, _, words = sample_inputs(model, [(12,)])
    assert (args[0].dtype, words) == (torch.int64, "2 inputs of random ids below 9 (12)")
    numbers = written(lambda m, x: m.head(x) + m.words.weight.sum(), head=nn.Linear(4, 2), words=nn.Embedding(9, 4))
    assert sample_inputs(numbers, [(4,)])[2] == "2 standard-normal inputs (4)"


def test_a_reason_is_not_cut_within_a_bracket(written):
    def forward(m, x):
        raise TypeError(f"{'no ' * 40}(while looking at [{'1, ' * 40}])")

    with pytest.raises(InputError) as caught:
        sample_inputs(written(forward, head=nn.Linear(4, 2)))
    assert "no no… (" in str(caught.value)
