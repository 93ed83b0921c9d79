from pathlib import Path

import pytest

from assistant import config, paths
from assistant.errors import ConfigError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    return tmp_path


def test_home_moves_everything(home: Path) -> None:
    assert config.load().library == home / "library"
    for place in (paths.config_file(), paths.model_cache(), paths.log_file()):
        assert place.is_relative_to(home)


def test_file_then_environment_then_caller(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_text(
        'library = "/from/file"\n[retrieval]\nsimilarity_top_k = 7\n[answer]\nmax_tokens = 99\n'
    )
    monkeypatch.setenv("ASSISTANT_RETRIEVAL__SIMILARITY_TOP_K", "9")
    settings = config.load(library=Path("/from/caller"))
    assert settings.library == Path("/from/caller")
    assert settings.retrieval.similarity_top_k == 9
    assert settings.answer.max_tokens == 99


@pytest.mark.parametrize(
    ("text", "named", "hint"),
    [
        ("[retrieval]\nsimilarity_topk = 3\n", "retrieval.similarity_topk", "similarity_top_k"),
        ("librari = 'x'\n", "librari", "library"),
        ("[retrieval]\nsimilarity_top_k = 0\n", "retrieval.similarity_top_k", "config.toml"),
        ("[models]\ndevice = 'gpu'\n", "models.device", "config.toml"),
    ],
)
def test_bad_settings_are_named(home: Path, text: str, named: str, hint: str) -> None:
    (home / "config.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert named in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_broken_toml_names_the_file(home: Path) -> None:
    (home / "config.toml").write_text("[retrieval\n")
    with pytest.raises(ConfigError, match=r"config\.toml"):
        config.load()


def test_unknown_variables_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LIBRAY", "/x")
    with pytest.raises(ConfigError, match="ASSISTANT_LIBRAY"):
        config.load()


def test_a_key_is_no_setting_and_no_unknown_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_API_KEY", "sk-secret")
    assert "sk-secret" not in str(config.as_json(config.load()))


def test_a_named_settings_file_must_exist(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_CONFIG", str(home / "no.toml"))
    with pytest.raises(ConfigError, match=r"no\.toml"):
        config.load()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ANSWER__SOURCES", "many", "must be a whole number"),
        ("ANSWER__SOURCES", "2.5", "must be a whole number"),
        ("ANSWER__SOURCES", "21", "must be 20 or less"),
        ("RETRIEVAL__DENSE_WEIGHT", "nan", "must be a number"),
        ("MODELS__TIMEOUT", "0", "must be more than 0"),
        ("MODELS__DEVICE", "tpu", "must be one of auto, cpu"),
        ("MODELS__API_KEY_VARIABLE", "my key", "the name of a variable"),
        ("INGESTION__INCLUDE", "[1]", "a list of texts"),
        ("INGESTION", "{}", "unknown variable"),
        ("LIBRARY__FOLDER", "/x", "unknown variable"),
    ],
)
def test_what_a_variable_cannot_say_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"ASSISTANT_{variable}", value)
    with pytest.raises(ConfigError, match=told):
        config.load()


def test_variables_and_files_say_the_same_in_their_own_way(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config.toml").write_text(
        '[ingestion]\ninclude = ["*.md", "*.pdf"]\n[retrieval]\ndense_weight = 1\n'
    )
    from_file = config.load()
    (home / "config.toml").unlink()
    monkeypatch.setenv("assistant_ingestion__include", " *.md , *.pdf")
    monkeypatch.setenv("ASSISTANT_RETRIEVAL__DENSE_WEIGHT", "1")
    monkeypatch.setenv("ASSISTANT_RETRIEVAL__DICTIONARY", "")
    assert config.load() == from_file
    monkeypatch.setenv("assistant_ingestion__include", '["*.md", "*.pdf"]')
    assert config.load() == from_file
    assert from_file.ingestion.include == ("*.md", "*.pdf")


def test_a_section_must_be_one(home: Path) -> None:
    (home / "config.toml").write_text("answer = 3\n")
    with pytest.raises(ConfigError, match="'answer': must be a section"):
        config.load()
