"""A token is sent where it belongs, and shown nowhere."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Widget

import oda_widgets as oda
from oda_widgets.errors import NotAllowed, OdaError
from oda_widgets.panels.workbench import Workbench
from oda_widgets.protocol.product_writer import json_pieces
from oda_widgets.server.dummy_products import dummy_product
from tests.patience import PATIENCE, wait_until
from tests.servers.misbehaving import Asked, Said, serving

ABOUT = Said(json.dumps({"installed_instruments": ["isgri"]}).encode(), status=400)
IMAGE_QUERY = oda.ImageQuery(science_windows=("066500220010.001",), energy=(20, 40))  # type: ignore[arg-type]


def token(**claims: Any) -> str:
    parts = ({"alg": "HS256"}, {"sub": "secret-somebody"} | claims, "signature")
    packed = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return ".".join(part.rstrip("=") for part in packed)


TOKEN = token(exp=4e9)
EXPIRED = token(exp=1e9)


def dispatcher(asked: Asked) -> Said:
    """Answer who has the token, with a made-up image; refuse others."""
    if asked.method == "GET":
        return ABOUT
    if asked.form.get("token") != [TOKEN]:
        given = asked.form.get("token", [""])[0]
        said = {"exit_status": {"message": f"roles: unige-hpc-full. You have {given}"}}
        return Said(json.dumps(said).encode(), status=403)
    echoed: dict[str, Any] = {key: values[0] for key, values in asked.form.items()}
    echoed["scw_list"] = asked.form.get("scw_list")
    products = json.loads("".join(json_pieces(dummy_product("isgri_image"))))
    answer = {
        "query_status": "done",
        "job_monitor": {"job_id": "0d26afd1f9bcc9bc"},
        "exit_status": {"comment": f"All well with {TOKEN}."},  # dispatchers repeat it
        "products": products | {"analysis_parameters": echoed, "api_code": f"token='{TOKEN}'"},
    }
    return Said(json.dumps(answer).encode())


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests away from the user's own token and store."""
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ODA_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[tuple[str, list[Asked]]]:
    """Give a dispatcher that requires a token, and the requests it receives."""
    with serving(dispatcher) as started:
        yield started


def result(site: oda.Site) -> Any:
    return site.submit(IMAGE_QUERY).result(30)


def test_the_token_is_in_no_output(
    server: tuple[str, list[Asked]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    address, asked = server
    site = oda.connect(address, token=TOKEN)
    site.record(tmp_path / "answers.zip")
    job = site.submit(IMAGE_QUERY)
    image: Any = job.result(30)
    image.save(tmp_path / "image.fits")
    assert asked[-1].form["token"] == [TOKEN]
    assert all(TOKEN not in request.path for request in asked)
    history = image.provenance
    backend = site._backend._backend  # type: ignore[attr-defined]
    shown = [
        *(image.code(), image.code("oda_api", url=address), image.share_url()),
        *(repr(history), history.prov_json(), history.citation(), history.script()),
        *(repr(site), repr(vars(site)), repr(backend), repr(vars(backend))),
        *(repr(vars(backend.http)), repr(job), repr(vars(job)), repr(image), *job.warnings),
        *(repr(site.plan(IMAGE_QUERY)), caplog.text),
    ]
    assert not [text for text in shown if TOKEN in text]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 3
    assert not [file for file in files if TOKEN.encode() in file.read_bytes()]


def test_the_token_is_found_in_the_variable_and_then_in_the_files(
    server: tuple[str, list[Asked]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = server
    (tmp_path / ".oda-token").write_text(f"{TOKEN}\n")
    result(oda.connect(address))
    monkeypatch.setenv("ODA_TOKEN", EXPIRED)
    with pytest.raises(NotAllowed, match="from the variable ODA_TOKEN expired on 2001-09-09 01:46"):
        oda.connect(address, osa_version="OSA11.2").submit(IMAGE_QUERY).result(30)
    assert [request.form["token"] for request in asked if request.form] == [[TOKEN]]


@pytest.mark.parametrize("given", ["not a token", f"{TOKEN}\nmore", f"{TOKEN}.{TOKEN}"])
def test_texts_that_are_not_tokens_are_refused_and_not_repeated(
    given: str, server: tuple[str, list[Asked]]
) -> None:
    with pytest.raises(OdaError, match="the text from the argument is not a token") as caught:
        oda.connect(server[0], token=given)
    assert TOKEN not in "".join(traceback.format_exception(caught.value)).replace(given, "")


def test_the_token_is_not_sent_unencrypted_nor_after_a_redirection(
    server: tuple[str, list[Asked]],
) -> None:
    there = Said(b"", status=307, headers={"Location": f"{server[0]}/run_analysis"})
    with serving(lambda asked: ABOUT if asked.method == "GET" else there) as (address, _):
        job = oda.connect(address, token=TOKEN).submit(IMAGE_QUERY)
        assert job.wait(PATIENCE)
    assert "redirects to" in str(job.error)
    assert server[1] == []
    site = oda.connect(server[0], token="")
    site._backend.http.address = "http://dispatcher.example.org"  # type: ignore[attr-defined]
    with pytest.raises(NotAllowed, match="unencrypted"):
        site.use_token(TOKEN)


def test_a_refusal_says_which_token_was_sent_and_how_long_it_lives(
    server: tuple[str, list[Asked]],
) -> None:
    other = token(exp=3e9)
    says = r"unige-hpc-full. You have. The token from the argument is valid until 2065-01-24"
    with pytest.raises(NotAllowed, match=says) as caught:
        result(oda.connect(server[0], token=other))
    assert other not in "".join(traceback.format_exception(caught.value))


def test_other_backends_use_no_tokens() -> None:
    with pytest.raises(OdaError, match="does not use tokens") as caught:
        oda.connect(archive="sample").use_token(TOKEN)
    assert TOKEN not in str(caught.value)


def test_the_page_asks_for_a_token_and_asks_again_with_it(
    server: tuple[str, list[Asked]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    address, asked = server
    site = oda.connect(address, token="")
    bench = Workbench(site)
    bench.job.follow(site.submit(IMAGE_QUERY))
    wait_until(lambda: bench.token.layout.display == "")
    assert "unige-hpc-full" in bench.job.message.value
    sent = len(asked)
    bench.token.field.value = EXPIRED
    assert "expired on 2001-09-09" in bench.token.message.value
    assert len(asked) == sent
    bench.token.field.value = "not a token"
    assert "is not a token" in bench.token.message.value
    bench.token.field.value = TOKEN
    wait_until(lambda: bench.job.jobs[-1].status == "done")
    assert bench.job.jobs[-1].query == IMAGE_QUERY
    assert bench.token.layout.display == "none"
    wait_until(lambda: bench.results.sky_view is not None)
    states = [repr(widget.get_state()) for widget in _widgets(bench)]
    assert len(states) > 50
    assert not [state for state in states if TOKEN in state]
    assert TOKEN not in caplog.text


def _widgets(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _widgets(child)
