"""What the lab answers: the documents of the command line, and what its pictures need beside them."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import pytest

import fanin
from fanin.description import describe
from fanin.description import document as sampled
from fanin.propagation import document, propagate
from fanin.study import compare


def get(server: str, path: str, query: list[tuple[str, object]] | None = None, **headers: str) -> tuple[int, Any]:
    """The status and the JSON of an answer."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    connection.request("GET", path + (f"?{urlencode(query)}" if query else ""), headers=headers)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def post(server: str, path: str, body: object = None, method: str = "POST") -> tuple[int, Any]:
    """Likewise with a body."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(content) if content else None


def listen(server: str, run: str, after: int | None = None) -> list[tuple[int, str, Any]]:
    """All events of a run: number, name, data."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    connection.request("GET", f"/api/runs/{run}/events", headers=headers)
    answer = connection.getresponse()
    assert answer.getheader("Content-Type", "").startswith("text/event-stream")
    found = []
    for block in answer.read().decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    connection.close()
    return found


def test_options_can_all_be_used(server: str) -> None:
    status, found = get(server, "/api/options")
    assert (status, found["version"], found["arms"]) == (200, fanin.__version__, 3)
    for text in found["inits"]:
        assert get(server, "/api/draw", [("init", text), ("count", 10)])[0] == 200
    for preset in found["propagate"]:
        query = [(name, value) for name, value in preset["query"].items() if name != "init"]
        status, _ = get(
            server, "/api/propagate", [("init", init) for init in preset["query"]["init"]] + query + [("width", 16)]
        )
        assert (status, preset["reference"] != "") == (200, True)
    assert {"nielsen", "he30"} <= {task["name"] for task in found["tasks"]}
    assert all(task["inits"] and task["epochs"] and task["lr"] for task in found["tasks"])


def test_draw_is_what_sample_says(server: str) -> None:
    query = [("init", "rand"), ("init", "randn"), ("count", 500), ("seed", 7), ("shape", "20x50")]
    status, found = get(server, "/api/draw", query)
    wanted = [describe(text, count=500, seed=7, shape=(20, 50), converge=True) for text in ("rand", "randn")]
    assert (status, found) == (200, json.loads(json.dumps(sampled(wanted))))


@pytest.mark.parametrize(("gain", "typed"), [(1, "randn/sqrt(n_in)"), (1.5, "1.5*randn/sqrt(n_in)")])
def test_propagate_is_what_the_command_line_says(server: str, gain: float, typed: str) -> None:
    stack = {"depth": 3, "width": 20, "activation": "tanh", "batch": 30, "seed": 2, "bias": "0.1*randn"}
    status, found = get(server, "/api/propagate", [("init", "randn/sqrt(n_in)"), ("gain", gain), *stack.items()])
    arm = propagate(typed, **stack)  # type: ignore[arg-type]
    wanted = json.loads(json.dumps(document([arm])))
    assert status == 200
    assert found["document"]["arms"][0].pop("init") == "randn/sqrt(n_in)"
    assert wanted["arms"][0].pop("init") == typed
    for layer, expected in zip(found["document"]["arms"][0]["layers"], wanted["arms"][0]["layers"], strict=True):
        assert layer["measured"] == pytest.approx(expected["measured"], rel=1e-9)
        assert layer["predicted"] == pytest.approx(expected["predicted"], rel=1e-9)
    assert [sum(h["counts"]) for h in found["gradients"][0]] == [600, 600, 600]
    assert [word["code"] for word in found["words"][0]] == [word.code for word in arm.words]


def test_layer_explains_a_line_and_draws_it(server: str) -> None:
    line = "layer = nn.Linear(100, 20); nn.init.normal_(layer.weight, std=0.1)\nF.relu(layer(x))"
    status, found = get(server, "/api/layer", [("text", line)])
    assert (status, found["document"]) == (200, json.loads(json.dumps(fanin.explain(line).to_json())))
    assert found["read"] == {"init": "normal(std=0.1)", "shape": [20, 100], "activation": "relu"}
    assert [reason["text"] for reason in found["reasons"]] == found["document"]["reasons"]
    curve = found["curves"]["preactivation"]
    x, density = np.array(curve["x"]), np.array(curve["density"])
    assert float(np.sum(density[1:] * np.diff(x))) == pytest.approx(1, abs=0.01)
    assert float(np.sum(density[1:] * x[1:] ** 2 * np.diff(x))) == pytest.approx(1, abs=0.02)  # std sqrt(100)*0.1
    assert found["curves"]["activation"]["y"] == pytest.approx(np.maximum(x, 0).tolist(), abs=1e-5)
    assert len(found["curves"]["recommended"]["x"]) == len(x)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("draw", [("init", "rnd")], "init.0"),
        ("draw", [("init", "rand"), ("init", "__import__('os')")], "init.1"),
        ("draw", [("init", "rand"), ("count", "1")], "count"),
        ("draw", [("init", "orthogonal"), ("shape", "9999x9999")], "shape"),
        ("draw", [("init", "np.zeros((90000, 90000))"), ("count", "10")], "init.0"),
        ("draw", [("init", "rand")] * 4, None),
        ("draw", [("init", "rand"), ("colour", "red")], None),
        ("draw", [("init", "rand"), ("seed", "1"), ("seed", "2")], None),
        ("propagate", [("init", "randn"), ("depth", "51")], "depth"),
        ("propagate", [("init", "randn"), ("depth", "50"), ("width", "512"), ("batch", "1024")], "depth"),
        ("propagate", [("init", "randn"), ("activation", "rellu")], "activation"),
        ("propagate", [("init", "randn"), ("bias", "eval('1')")], "bias"),
        ("propagate", [("init", "randn"), ("gain", "-1")], "gain"),
        ("propagate", [("init", "randn"), ("gain", "nan")], "gain"),
        ("propagate", [("init", "randn*1e300*1e8")], "init.0"),
        ("layer", [("text", "")], "text"),
        ("layer", [("text", "(" * 2000)], "text"),
        ("layer", [("text", "rand"), ("layout", "xy")], "layout"),
        ("layer", [("text", "rand"), ("shape", "0x3")], "shape"),
    ],
)
def test_one_line_and_the_input_at_fault(server: str, path: str, query: list[tuple[str, object]], field: str) -> None:
    status, found = get(server, f"/api/{path}", query)
    assert (status, found["code"], found["field"]) == (400, "bad-value", field)
    assert "\n" not in found["error"]


def test_a_run_is_what_compare_trains(server: str) -> None:
    inits = ["rand", "randn/sqrt(fan_in)"]
    body = {"task": "nielsen", "inits": inits, "epochs": 2, "data": "digits", "seed": 3}
    status, found = post(server, "/api/runs", body)
    assert status == 201
    events = listen(server, found["id"])
    assert [name for _, name, _ in events] == ["start", "epoch", "epoch", "epoch", "done"]
    wanted = compare("nielsen", init=inits, epochs=2, data="digits", seed=3, seeds=1).to_json()
    for (_, _, data), row in zip(events[1:-1], range(3), strict=True):
        for arm, trained in zip(data["arms"], wanted["arms"], strict=True):
            expected = trained["trials"][0]["epochs"][row]
            assert {name: arm[name] for name in ("loss", "accuracy", "moved", "gradient")} == {
                name: expected[name] for name in ("loss", "accuracy", "moved", "gradient")
            }
            assert [sum(h["counts"]) for h in arm["histograms"]] == [500 * 30, 500 * 10]
            assert (arm["images"]["rows"], arm["images"]["columns"], len(arm["images"]["units"])) == (8, 8, 30)
    start, done = events[0][2], events[-1][2]
    assert [arm["cause"] for arm in start["arms"]] == [arm["check"]["cause"] for arm in wanted["arms"]]
    assert start["arms"][0]["message"] == wanted["arms"][0]["check"]["findings"][0]["message"]
    assert done["answer"] == wanted["answer"]
    assert [arm["learned"] for arm in done["arms"]] == [False, True]
    assert [word["code"] for word in done["arms"][0]["words"]] == ["not-learned", "still", "saturated"]
    assert [event[0] for event in listen(server, found["id"], after=2)] == [3, 4]
    assert post(server, f"/api/runs/{found['id']}", method="DELETE")[0] == 204
    assert get(server, f"/api/runs/{found['id']}/events")[0] == 404


def test_units_that_stay_copies_and_numbers_that_overflow_are_said(server: str) -> None:
    body = {"task": "nielsen", "inits": ["zeros", "1e30*randn"], "epochs": 2, "data": "digits", "bias": "zeros"}
    _, found = post(server, "/api/runs", body | {"lr": 3})
    done = listen(server, found["id"])[-1][2]
    codes = [[word["code"] for word in arm["words"]] for arm in done["arms"]]
    assert "identical-units" in codes[0]
    assert codes[1][0] in ("diverged", "not-learned")
    post(server, f"/api/runs/{found['id']}", method="DELETE")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"task": "nielsen", "inits": ["rnd"]}, "init.0"),
        ({"task": "nielsen", "inits": []}, None),
        ({"task": "nielsen", "inits": [3]}, "inits"),
        ({"task": "nielsen"}, "inits"),
        ({"task": "nobody", "inits": ["rand"]}, "task"),
        ({"task": "nielsen", "inits": ["rand"], "data": "/etc/passwd.npz"}, "data"),
        ({"task": "nielsen", "inits": ["rand"], "data": "mnist"}, "data"),
        ({"task": "nielsen", "inits": ["rand"], "epochs": 10**9}, "epochs"),
        ({"task": "nielsen", "inits": ["rand"], "epochs": 2.5}, "epochs"),
        ({"task": "nielsen", "inits": ["rand"], "epochs": True}, "epochs"),
        ({"task": "nielsen", "inits": ["rand"], "lr": float("nan")}, "lr"),
        ({"task": "nielsen", "inits": ["rand"], "seed": -1}, "seed"),
        ({"task": "nielsen", "inits": ["rand"], "bias": "open('x')"}, "bias"),
        ({"task": "nielsen", "inits": ["rand"], "optimizer": "adam"}, None),
        (["rand"], None),
    ],
)
def test_a_run_that_cannot_be(server: str, body: object, field: str | None) -> None:
    status, found = post(server, "/api/runs", body)
    assert (status, found["code"], found["field"]) == (400, "bad-value", field)
