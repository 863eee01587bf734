"""Who may ask the lab, and what a browser may do with its answers."""

import http.client
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

Answer = tuple[int, Mapping[str, str], bytes]


def ask(server: str, method: str = "GET", path: str = "/api/options", **headers: str) -> Answer:
    """Status, headers by their names in small letters, and content; an underscore in a header's name is a hyphen."""
    place = urlsplit(server).netloc
    connection = http.client.HTTPConnection(place, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    for name, value in ({"Host": place} | {key.replace("_", "-"): text for key, text in headers.items()}).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/api/options", "/api/draw?init=rnd", "/nowhere"])
def test_every_answer_carries_the_headers_of_security(server: str, path: str) -> None:
    _, headers, _ = ask(server, path=path)
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "connect-src", "font-src")} == {"'self'"}
    assert {policy[kind] for kind in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in ("no-cache", "no-store")
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_a_name_that_was_rebound_to_this_machine_is_not_ours(server: str) -> None:
    port = urlsplit(server).port
    for name in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port}.evil.example",
        f"0.0.0.0:{port}",
    ):
        status, _, content = ask(server, Host=name)
        assert (status, json.loads(content)["code"]) == (421, "foreign-host")
    assert ask(server, Host=f"localhost:{port}")[0] == 200
    assert ask(server, Host=f"LOCALHOST:{port}")[0] == 200


def test_a_page_of_another_origin_may_not_ask(server: str) -> None:
    port = urlsplit(server).port
    for origin in (
        "http://evil.example",
        "null",
        f"https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://localhost",
    ):
        status, _, content = ask(server, Origin=origin)
        assert (status, json.loads(content)["code"]) == (403, "foreign-origin")
        assert ask(server, "POST", "/api/runs", Origin=origin)[0] == 403
    assert ask(server, Origin=f"http://127.0.0.1:{port}")[0] == 200
    assert ask(server, Sec_Fetch_Site="cross-site")[0] == 403  # an image or a script that another page embeds
    assert ask(server, Sec_Fetch_Site="same-site")[0] == 403  # another port of this machine
    assert ask(server, path="/", Sec_Fetch_Site="cross-site")[0] == 200  # a link that was followed


def test_nothing_changes_by_get(server: str) -> None:
    assert ask(server, path="/api/runs")[0] == 405
    for verb in ("pause", "resume"):
        assert ask(server, path=f"/api/runs/some/{verb}")[0] == 405
    assert ask(server, path="/api/runs/some")[0] == 405
    _, headers, _ = ask(server, "OPTIONS", "/api/runs", Access_Control_Request_Method="POST")
    assert not any(name.startswith("access-control") for name in headers)


@pytest.mark.parametrize(
    "path",
    ["../app.py", "..%2fapp.py", "%2e%2e/%2e%2e/errors.py", "./main.js", "/main.js", "messages/../main.js", "main.py",
     "messages", "", "..", "main.js%00.css", "..\\app.py", "nothing.js"],
)  # fmt: skip
def test_nothing_outside_the_page_is_served(server: str, path: str) -> None:
    assert ask(server, path=f"/static/{path}")[0] == 404


def test_files_have_the_types_that_modules_need(server: str) -> None:
    for path, kind in {"/": "text/html", "/static/main.js": "text/javascript", "/static/style.css": "text/css"}.items():
        status, headers, content = ask(server, path=path)
        assert (status, headers["content-type"].partition(";")[0], headers["cache-control"]) == (200, kind, "no-cache")
        assert content
    status, headers, _ = ask(server, path="/static/messages/en.json")
    assert (status, headers["content-type"]) == (200, "application/json")
