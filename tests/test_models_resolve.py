from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import ModelSettings, Settings
from assistant.errors import ModelLoadError, ModelMissing
from assistant.models import catalog, resolve, weights
from assistant.models.device import cgroup_free, prepare_environment
from assistant.models.reference import kind, needs_network
from assistant.models.states import describe_models

GIB = 1024**3
LARGE, SMALL = "qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct"


def settings(**models: object) -> Settings:
    return Settings(models=ModelSettings(**models))  # type: ignore[arg-type]


@pytest.fixture
def installed(home: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names in it count as installed; no conversion exists."""
    names = {spec.name for spec in catalog.CATALOG}
    real = weights.locate

    def locate(spec: catalog.ModelSpec) -> list[weights.PartFile]:
        if spec.name not in names:
            monkeypatch.setattr(weights, "_installed", lambda part: None)
            return real(spec)
        return [weights.PartFile(Path("somewhere"))]

    monkeypatch.setattr(weights, "locate", locate)
    return names


def test_names_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert kind("auto") == "auto"
    assert kind("multilingual-e5-small") == "embedded"
    assert kind("BAAI/bge-m3") == "hub"
    (tmp_path / "BAAI" / "bge-m3").mkdir(parents=True)
    assert kind("BAAI/bge-m3") == "folder"
    assert kind("./models/mine.GGUF") == "gguf"
    assert kind("./nowhere/mine") == "unknown"
    assert kind("no-such-model") == "unknown"


def test_the_hub_is_asked_only_where_a_hub_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    assert not needs_network(settings())
    assert needs_network(settings(embedding="BAAI/bge-m3"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    prepare_environment(settings(generation="org/model"))
    assert "HF_HUB_OFFLINE" not in os.environ
    prepare_environment(settings())
    assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize(
    ("bf16", "free", "name"),
    [
        (False, 9 * GIB, LARGE),
        (False, 7 * GIB, SMALL),
        (True, 7 * GIB, LARGE),
        (True, 3 * GIB, SMALL),
        (True, 0, SMALL),
    ],
)
def test_the_largest_model_that_fits_is_taken(
    installed: set[str], bf16: bool, free: int, name: str
) -> None:
    spec, why = resolve.choose_generation(bf16=bf16, free=free)
    assert spec.name == name
    if name == LARGE:
        assert why == ""
    else:
        assert f"only {free / GIB:.1f} GiB free" in why
        assert SMALL in why


def test_the_small_model_stands_in_for_one_not_installed(installed: set[str]) -> None:
    installed.discard(LARGE)
    spec, why = resolve.choose_generation(bf16=True, free=99 * GIB)
    assert spec.name == SMALL
    assert "not installed" in why
    assert 'pip install "assistant-desk[models]"' in why


def test_without_any_model_the_error_says_what_to_install(installed: set[str]) -> None:
    installed.clear()
    with pytest.raises(ModelMissing) as raised:
        resolve.load_generator(settings())
    assert "assistant-desk[models]" in raised.value.hint
    with pytest.raises(ModelMissing) as raised:
        resolve.load_tokenizer(settings())
    assert "assistant-desk[models-small]" in raised.value.hint


def test_a_name_nobody_knows_lists_those_known(home: Path) -> None:
    for load in (resolve.load_tokenizer, resolve.load_encoder):
        with pytest.raises(ModelMissing, match="no-such") as raised:
            load(settings(embedding="no-such"))
        assert "multilingual-e5-small" in raised.value.hint
    with pytest.raises(ModelMissing, match=r"nowhere\.gguf") as raised:
        resolve.load_generator(settings(generation="/tmp/nowhere.gguf"))
    assert LARGE in raised.value.hint


def test_a_model_of_the_other_task_is_refused(home: Path) -> None:
    with pytest.raises(ModelLoadError, match="no generation model"):
        resolve.load_generator(settings(generation="multilingual-e5-small"))
    with pytest.raises(ModelLoadError, match="no embedding model"):
        resolve.load_encoder(settings(embedding=SMALL))


def test_a_folder_that_holds_no_model_is_one_line(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError) as raised:
        resolve.load_encoder(settings(embedding=str(tmp_path)))
    assert "\n" not in raised.value.message
    with pytest.raises(ModelLoadError) as raised:
        resolve.load_generator(settings(generation=str(tmp_path)))
    assert "\n" not in raised.value.message


def test_a_file_that_is_no_gguf_is_one_line_and_leaves_no_conversion(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"no model at all" * 100)
    with pytest.raises(ModelLoadError, match=r"mine\.gguf") as raised:
        resolve.load_generator(settings(generation=str(file)))
    assert "\n" not in raised.value.message
    assert not [path for path in (home / "models").iterdir() if path.is_dir()]


def test_models_are_described_with_what_is_active(installed: set[str], tmp_path: Path) -> None:
    installed.discard(LARGE)
    states = {state.name: state for state in describe_models(settings())}
    assert states["multilingual-e5-small"].active
    assert states[SMALL].active
    assert not states[LARGE].active
    assert not states[LARGE].installed
    assert "pip install" in states[LARGE].hint
    mine = str(tmp_path / "mine")
    configured = describe_models(settings(embedding=mine, generation="org/model"))
    named = {state.name: state for state in configured}
    assert not named["multilingual-e5-small"].active
    assert named[mine].active
    assert named[mine].hint
    assert named["org/model"].source == "model hub"


def test_a_container_limit_is_less_than_the_machine(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 200\n")
    assert cgroup_free(tmp_path) == 500
    (tmp_path / "memory.max").write_text("max\n")
    assert cgroup_free(tmp_path) is None
    assert cgroup_free(tmp_path / "none") is None
