"""The lab's rooms, used in a real browser as a reader would."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

import fanin
from fanin.propagation import document
from fanin.propagation import propagate as measured

from .conftest import Visit

Open = Callable[..., Visit]
SMALL = "&depth=3&width=16&batch=32"
REFUSED = "responded with a status of 400"


def test_the_founding_question_is_answered_where_one_lands(visit: Open) -> None:
    seen = visit()
    room = seen.room("draw")
    answer = seen.answer("draw")
    expect(answer).to_contain_text(
        "rand has mean 0.5, not 0. A unit that adds up 784 such weights starts at 392\u00a0±\u00a08.08"
    )
    expect(answer).to_contain_text("It is the mean that does the harm")
    expect(room.locator("article")).to_have_count(2)
    expect(room.locator("figure > svg")).to_have_count(7)
    seen.page.get_by_role("button", name="See what these weights do").click()
    expect(seen.page.get_by_role("tab", name="Propagate")).to_have_attribute("aria-selected", "true")
    expect(_visible(seen.page, "Initialization 1")).to_have_value("rand")


def test_draw_shows_the_numbers_of_the_command_line_and_draws_again(visit: Open) -> None:
    seen = visit("#init=randn&count=100")
    room = seen.room("draw")
    room.get_by_text("The numbers", exact=True).click()
    mean = room.get_by_role("table").last.locator("tbody tr td").nth(1)
    drawn = fanin.sample("randn", (100,), seed=0)
    expect(mean).to_have_text(re.compile(rf"^.?{abs(float(drawn.mean())):.3g} ± "))
    first = mean.text_content()
    seen.page.get_by_role("button", name="Draw again").click()
    expect(room.locator(".seed")).to_have_text("seed 1")
    expect(mean).not_to_have_text(str(first))
    seen.page.get_by_label("Draws", exact=True).locator("visible=true").first.press("ArrowRight")
    expect(room.get_by_text("The mean of 200 draws")).to_be_visible()


def test_propagate_follows_its_sliders(visit: Open) -> None:
    seen = visit(f"#room=propagate&init=randn/sqrt(fan_in){SMALL}")
    room = seen.room("propagate")
    expect(seen.answer("propagate")).to_contain_text("each layer multiplies it by 0.787")
    room.get_by_text("Measured and predicted").click()
    cells = room.locator("tbody tr").first.locator("td")
    layer = document([measured("randn/sqrt(fan_in)", depth=3, width=16, batch=32)])["arms"][0]["layers"][0]
    expect(cells.first).to_have_text(f"{layer['measured']['std']:.3g}")
    expect(cells.nth(1)).to_have_text(f"{layer['predicted']['std']:.3g} ± {layer['stderr']['std']:.3g}")
    room.locator("input[type=range]").nth(1).press("ArrowRight")
    expect(room.locator("tbody tr")).to_have_count(4)
    gain = room.locator("input[type=range]").first
    for _ in range(10):
        gain.press("ArrowLeft")
    expect(seen.answer("propagate")).to_contain_text("The signal dies: each layer multiplies it by 0.0489")
    expect(seen.answer("propagate")).to_contain_text("The gradient dies on its way back: 0.0496 per layer, from 1.03")
    expect(seen.page).to_have_url(re.compile(r"gain=0\.05"))


def test_propagate_shows_forward_and_back_and_the_presets_of_papers(visit: Open) -> None:
    seen = visit(f"#room=propagate{SMALL}")
    room = seen.room("propagate")
    expect(room.get_by_role("img", name=re.compile("^Histograms of the activations of 3 layers"))).to_have_count(2)
    expect(room.get_by_role("img", name=re.compile("^Histograms of the gradients of 3 layers"))).to_have_count(2)
    seen.page.get_by_role("button", name="1/√n beside Xavier (Glorot 2010)").click()
    expect(_visible(seen.page, "Initialization 2")).to_have_value("xavier_uniform")
    expect(room.get_by_role("img", name=re.compile("^Histograms of the activations of 5 layers"))).to_have_count(2)


def test_a_network_is_watched_as_it_trains(visit: Open) -> None:
    seen = visit("#room=learn&data=digits&epochs=3&init=rand&init=randn/sqrt(fan_in)")
    page = seen.page
    expect(seen.answer("learn")).to_contain_text("Press Start")
    page.get_by_role("button", name="Start", exact=True).click()
    answer = seen.answer("learn")
    expect(answer).to_contain_text("rand does not learn", timeout=60_000)
    expect(answer).to_contain_text("randn/sqrt(fan_in) learns")
    room = page.locator("#learn")
    expect(room.locator("canvas.weights")).to_have_count(2)
    assert _painted(page)
    expect(room.get_by_role("img", name=re.compile("^Accuracy per epoch"))).to_be_visible()
    expect(room.locator(".cause").first).to_contain_text("FAN103")
    room.get_by_label("Epoch shown below").fill("0")
    expect(room.get_by_role("img", name=re.compile("at epoch 0")).first).to_be_visible()
    room.get_by_text("Accuracy and cost per epoch").click()
    expect(room.locator("details tbody tr")).to_have_count(4)


def test_a_training_is_paused_resumed_and_restarted_with_another_seed(visit: Open) -> None:
    seen = visit("#room=learn&data=digits&epochs=100&init=randn")
    page, shown = seen.page, seen.page.locator("#learn .time label")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("button", name="Pause").click(timeout=60_000)
    expect(seen.answer("learn")).to_contain_text("Paused")
    page.wait_for_timeout(300)  # an epoch on its way may still arrive
    held = shown.text_content()
    page.wait_for_timeout(700)
    assert shown.text_content() == held, "the network went on while it was paused"
    page.get_by_role("button", name="Go on").click()
    expect(shown).not_to_have_text(str(held))
    page.get_by_role("button", name="Restart with another seed").click()
    expect(page.locator("#learn").get_by_text("seed 1")).to_be_visible()
    expect(page).to_have_url(re.compile("seed=1"))
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_a_line_of_code_is_explained(visit: Open) -> None:
    seen = visit("#room=layer")
    room = seen.room("layer")
    expect(seen.answer("layer")).to_contain_text("is a bad start for a sigmoid layer of 30 units with 784 inputs")
    expect(seen.answer("layer")).to_contain_text("Every weight is positive (mean 0.5)")
    box = seen.page.get_by_label("A line of NumPy, PyTorch or Keras")
    box.fill("layers.Dense(64, activation='relu', kernel_initializer='he_normal', input_shape=(784,))")
    expect(seen.answer("layer")).to_contain_text("is a good start for a relu layer of 64 units with 784 inputs")
    expect(room.locator("dt")).to_contain_text(["numpy", "torch", "keras", "jax"])
    room.get_by_role("button", name="See these weights drawn").click()
    expect(seen.room("draw")).to_be_visible()
    expect(seen.page).to_have_url(re.compile("init=he"))


def test_a_link_is_an_experiment(visit: Open) -> None:
    seen = visit()
    page = seen.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("tab", name="Propagate").click()
    for label, value in (("Initialization 1", "orthogonal"), ("Initialization 2", "uniform(-0.1, 0.1)")):
        _visible(page, label).fill(value)
    for label, value in (("Depth (layers)", "4"), ("Width (units per layer)", "24"), ("Inputs in the batch", "50")):
        page.get_by_role("spinbutton", name=label).fill(value)
    page.get_by_label("Activation", exact=True).locator("visible=true").select_option("relu")
    expect(page.get_by_role("img", name=re.compile("^Histograms of the activations of 4 layers")).first).to_be_visible()
    expect(seen.answer("propagate")).to_contain_text("orthogonal")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    page.wait_for_load_state("networkidle")
    said = seen.answer("propagate").text_content()
    again = visit(link[link.index("#") :])
    expect(again.answer("propagate")).to_have_text(str(said))
    expect(_visible(again.page, "Initialization 2")).to_have_value("uniform(-0.1, 0.1)")
    assert again.page.url == link


def test_back_and_forward_move_through_the_experiments(visit: Open) -> None:
    page = visit("#count=10").page
    count = page.get_by_role("spinbutton", name="Draws")
    expect(count).to_have_value("10")
    count.fill("50")
    expect(page).to_have_url(re.compile("count=50"))
    page.get_by_role("tab", name="Your layer").click()
    expect(page).to_have_url(re.compile("room=layer"))
    page.go_back()
    expect(page.get_by_role("tab", name="Draw")).to_have_attribute("aria-selected", "true")
    expect(count).to_have_value("50")
    page.go_back()
    expect(count).to_have_value("10")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_role("tab", name="Your layer")).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize(
    ("room", "label", "value", "said"),
    [
        ("draw", "Initialization 1", "randm", "unknown"),
        ("propagate", "Depth (layers)", "1000000000", "depth"),
        ("layer", "A line of NumPy, PyTorch or Keras", "__import__('os').system('true')", "column"),
    ],
)
def test_a_complaint_stands_beside_the_input_at_fault(
    visit: Open, room: str, label: str, value: str, said: str
) -> None:
    seen = visit(f"#room={room}{SMALL}", forgiven=REFUSED)
    page = seen.page
    seen.room(room)
    field = _visible(page, label)
    right = field.input_value()
    field.fill(value)
    expect(field).to_have_attribute("aria-invalid", "true")
    line = page.locator(f"#{field.get_attribute('aria-describedby')}")
    expect(line).to_be_visible()
    expect(line).to_contain_text("Not possible:")
    expect(line).to_contain_text(said)
    field.fill(right)
    expect(line).to_be_hidden()
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_only_the_newest_question_is_shown(visit: Open) -> None:
    seen = visit("#count=10&init=randn")
    page = seen.page
    seen.room("draw")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.route(re.compile(r"count=50\b"), lambda route: None)  # it never gets an answer
    count = page.get_by_role("spinbutton", name="Draws")
    count.fill("50")
    page.wait_for_event("request", lambda request: "count=50&" in request.url)
    with page.expect_event("requestfailed", lambda request: "count=50&" in request.url):
        count.fill("20")
    expect(page.locator("#draw").get_by_text("The mean of 20 draws")).to_be_visible()
    for _ in range(8):  # a slider on its way asks once, not at every step
        page.get_by_label("Draws", exact=True).locator("visible=true").first.press("ArrowRight")
    expect(page.locator("#draw").get_by_text("The mean of 5,000 draws")).to_be_visible()
    assert len([url for url in asked if "/api/draw" in url]) < 8


def _visible(page: Page, label: str) -> Locator:
    """The input of that name in the open room, to type into."""
    return page.locator("input:not([type=range]), textarea").and_(page.get_by_label(label)).locator("visible=true")


def _painted(page: Page) -> bool:
    """Do the images of the weights show anything but one colour?"""
    return bool(
        page.evaluate(
            """() => [...document.querySelectorAll("canvas.weights")].every((canvas) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return new Set(new Uint32Array(data.buffer)).size > 3;
            })"""
        )
    )
