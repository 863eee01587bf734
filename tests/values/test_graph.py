from fanin.values import Graph, Node
from fanin.values.graph import chain


def _residual(blocks: int, norm_after: bool = False) -> Graph:
    """x = x + f(norm(x)), or x = norm(x + f(x)), f of two layers."""
    nodes = [Node("input", "input", "input"), Node("stem", "layer", "dense", ("input",))]
    stream = "stem"
    for i in range(blocks):
        before = stream
        if not norm_after:
            nodes.append(Node(f"norm{i}", "norm", "layer_norm", (stream,)))
            before = f"norm{i}"
        nodes.append(Node(f"up{i}", "layer", "dense", (before,), "relu"))
        nodes.append(Node(f"down{i}", "layer", "dense", (f"up{i}",)))
        nodes.append(Node(f"sum{i}", "sum", "add", (stream, f"down{i}")))
        stream = f"sum{i}"
        if norm_after:
            nodes.append(Node(f"norm{i}", "norm", "layer_norm", (stream,)))
            stream = f"norm{i}"
    nodes.append(Node("head", "layer", "dense", (stream,), output=True))
    return Graph(tuple(nodes))


def test_a_plain_network_is_one_segment_and_no_stream():
    graph = chain(["a", "b", "c"], "relu", biases=["x", "y", "z"])
    assert graph.segments == (("1", "2", "3"),)
    assert graph.streams == ()
    assert [node.output for node in graph.of_kind("layer")] == [False, False, True]


def test_sums_are_a_stream_and_cut_segments():
    graph = _residual(3)
    assert graph.streams == (("sum0", "sum1", "sum2"),)
    assert graph.segments == (("stem",), ("up0", "down0"), ("up1", "down1"), ("up2", "down2"), ("head",))


def test_post_norm_is_one_stream():
    assert _residual(3, norm_after=True).streams == (("sum0", "sum1", "sum2"),)


def test_of_two_sums_the_older_is_the_trunk():
    """Parallel attention and feedforward, as in GPT-J: x + (attention + feedforward)."""
    nodes = [Node("input", "input", "input"), Node("stem", "layer", "dense", ("input",))]
    nodes.append(Node("x", "sum", "add", ("stem", "input")))
    for name in ("a", "b"):
        nodes.append(Node(name, "layer", "dense", ("x",)))
    nodes.append(Node("branch", "sum", "add", ("a", "b")))
    nodes.append(Node("y", "sum", "add", ("branch", "x")))
    assert Graph(tuple(nodes)).streams == (("x", "y"), ("branch",))


def test_a_branch_ends_a_segment():
    nodes = [Node("input", "input", "input"), Node("a", "layer", "dense", ("input",))]
    nodes += [Node(name, "layer", "dense", ("a",)) for name in ("b", "c")]
    assert Graph(tuple(nodes)).segments == (("a",), ("b",), ("c",))


def test_json_round_trip():
    graph = _residual(2)
    assert Graph.from_json(graph.to_json()) == graph


def test_what_a_node_depends_on_and_where_the_walk_stops() -> None:
    graph = _residual(1)
    assert graph.before("sum0") == {"input", "stem", "norm0", "up0", "down0"}
    assert graph.before("down0", stop="norm") == {"up0", "norm0"}
    assert graph.before("norm0", stop="norm") == graph.before("input") == set()
