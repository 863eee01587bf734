"""Settings of all tests: a busy machine is no failure, and CI searches the same examples every time."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fanin", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fanin")


@pytest.fixture
def one_torch_thread():
    """As studies have it; sums of more threads differ in the last bit."""
    import torch  # here, so that tests without it do not wait for it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
