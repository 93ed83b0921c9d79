from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from assistant import config
from assistant.errors import ConfigError
from assistant.settings_file import edit, store

FULL = """# mine
library = "/notes/library"   # not here

[models]
# auto was too small
generation = "auto"  # try "#qwen" next
device = "cpu"

[answer]
max_tokens = 99
"""


def test_only_that_value_changes(home: Path) -> None:
    file = home / "config.toml"
    file.write_text(FULL)
    file.chmod(0o640)
    change = store("models", "generation", "http://localhost:1/v1#qwen3:4b")
    assert (change.before, change.after) == ("auto", "http://localhost:1/v1#qwen3:4b")
    expected = FULL.replace('= "auto"', '= "http://localhost:1/v1#qwen3:4b"')
    assert file.read_text() == expected
    assert file.stat().st_mode & 0o777 == 0o640
    assert config.load().models.generation == "http://localhost:1/v1#qwen3:4b"
    assert [path.name for path in home.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# nothing yet",
        "[answer]\nmax_tokens = 99\n",
        "[models]\n",
        '[models]  # mine\ndevice = "cpu"',
        '[ models ]\ndevice = "cpu"\n[answer]\n',
        '[models]\ngeneration="auto"',
        "[models]\ngeneration = 'auto'\n",
        '[models]\ngeneration = "a # b" # c # d\n',
        'models.generation = "auto"\nlibrary = "/x"\n',
        'models.device = "cpu"\n',
        '[models]\r\ngeneration = "auto" # mine\r\n[answer]\r\nmax_tokens = 99\r\n',
        '[models]\r\ndevice = "cpu"\r\n',
        '[other]\ngeneration = "not this"\n[models]\ngeneration = "auto"\n',
        'note = """\n[models]\ngeneration = "auto"\n"""\n[models]\ngeneration = "auto"\n',
        'note = """\n[models]\n"""\n',
    ],
)
@pytest.mark.parametrize("value", ["auto2", 'a "quoted" \\ 한글 # name'])
def test_everything_else_reads_as_before(text: str, value: str) -> None:
    changed = edit(text, "models", "generation", value)
    assert changed is not None
    before, after = tomllib.loads(text), tomllib.loads(changed)
    assert after["models"].pop("generation") == value
    before.setdefault("models", {}).pop("generation", None)
    assert after == before
    # Lines are added or one is changed; none is lost.
    kept = [line for line in text.split("\n") if "generation" not in line and line.strip()]
    assert all(line in changed.split("\n") for line in kept)
    assert all(comment in changed for comment in ("# c # d", "# mine") if comment in text)
    if "\r\n" in text:
        assert "\n" not in changed.replace("\r\n", "")


def test_what_cannot_be_changed_safely_is_left(home: Path) -> None:
    file = home / "config.toml"
    for text in ('models = { generation = "auto" }\n', '[models]\ngeneration = """\nauto"""\n'):
        file.write_text(text)
        with pytest.raises(ConfigError, match="safely") as raised:
            store("models", "generation", "other")
        assert 'generation = "other"' in raised.value.hint
        assert file.read_text() == text
    file.write_text("[models\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        store("models", "generation", "other")


def test_a_file_is_made_and_a_link_stays_one(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store("models", "generation", "auto").before is None
    file = home / "config.toml"
    assert file.read_text() == '[models]\ngeneration = "auto"\n'
    kept = tmp_path / "dotfiles.toml"
    file.rename(kept)
    file.symlink_to(kept)
    monkeypatch.setenv("ASSISTANT_MODELS__GENERATION", "auto")
    change = store("models", "generation", "org/model")
    assert change.overridden == "ASSISTANT_MODELS__GENERATION"
    assert file.is_symlink()
    assert 'generation = "org/model"' in kept.read_text()


def test_a_folder_in_the_way_is_told(home: Path, tmp_path: Path) -> None:
    (home / "config.toml").mkdir()
    with pytest.raises(ConfigError, match=r"config\.toml cannot be read"):
        store("models", "generation", "auto")
