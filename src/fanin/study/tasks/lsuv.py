"""A thin and deep convolutional network without norms: LSUV makes it learn, and so does He; orthogonal alone does not.

What happens
    Each ReLU halves the mean square of the signal. Orthogonal weights keep lengths and make up for nothing: after
    twelve layers hardly anything is left, as with PyTorch's default. LSUV starts from them, sends 256 examples
    through and divides the weights of one layer after the other by the std of what comes out, so that it knows of the
    ReLUs, the borders of the images and the pooling without being told. He's rule knows the ReLUs.

Beside the paper
    FitNets of 17 layers with LSUV reach 94.2 % on CIFAR-10 and 0.4 % error on MNIST in the paper, which claims
    accuracies better than or equal to those of other starts. Ours, three seeds:

    | start | accuracy after 2 epochs | after 15 epochs | epochs to 20 % |
    | --- | --- | --- | --- |
    | `torch`, PyTorch's default | 10.2 % | 10.1 % | never |
    | `orthogonal` | 9.8 % | 10.1 % | never |
    | `he_normal` | 18.5 % | 84.0 % | 3 |
    | `lsuv` | 39.8 % | 81.6 % | 1 |

    LSUV is the first to begin; at the end no difference from He is seen, 2.4 points [-12.2, 16.9]: a network of eight
    channels differs by more than that from seed to seed.

Settings
    twelve convolutions of 3 x 3 with 8 channels in three stages, ReLU, the mean over the image; digits of 8 x 8
    pixels, momentum 0.9, rate 0.02, batches of 32, 15 epochs. Nearer to the paper's is `--depth 17 --width 32 --data
    mnist --data-dir DIR --epochs 100`: by its arithmetic 1e16 operations, days on two cores. `--activation tanh` and
    other activations too.

Reference
    Mishkin and Matas 2016, All you need is a good init, arXiv:1511.06422, section 4.
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
