"""Words of the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import config, paths
from assistant.desk import Desk
from assistant.errors import ConfigError, FingerprintMismatch
from assistant.library import dictionary
from assistant.library.lexical import ANALYSER_VERSION, analyse_all, version_with
from assistant.library.library import Library
from tests.fakes import BagOfWordsEncoder
from tests.library_notes import lexical, put

NOTES = {
    "pods": "쿠버네티스의 파드는 컨테이너를 묶는다.",
    "transfer": "전이학습은 미리 배운 것을 옮긴다.",
    "apart": "학습이 전이되는 까닭을 말한다.",
    "c": "C언어의 포인터는 주소를 담는다.",
}
WORDS = ("C언어", "전이학습", "쿠버네티스")


def words_of(text: str, own: tuple[str, ...] = ()) -> list[str]:
    return next(analyse_all([text], own)).words


def test_its_words_are_kept_whole() -> None:
    assert words_of(NOTES["transfer"])[:2] == ["전이", "학습"]
    assert words_of(NOTES["transfer"], WORDS)[:1] == ["전이학습"]
    assert "쿠버네티스" in words_of(NOTES["pods"], WORDS)
    assert "쿠버네티스" not in words_of(NOTES["pods"]), "Kiwi takes the particle for a part of it"
    assert {"c언어", "언어", "c"} <= set(words_of(NOTES["c"], WORDS))
    assert words_of(NOTES["transfer"])[:2] == ["전이", "학습"], "the one has no part in the other"


def test_another_dictionary_has_the_notes_analysed_anew(tmp_path: Path) -> None:
    plain = Library.open(tmp_path)
    for name, text in NOTES.items():
        put(plain, name, text)
    assert plain.search_lexical("쿠버네티스", 1).terms == ("쿠버네티스",)
    plain.close()

    library = Library.open(tmp_path, dictionary=WORDS)
    with pytest.raises(FingerprintMismatch, match="words-"):
        library.check_fingerprint(BagOfWordsEncoder.fingerprint)
    assert library.analyse_again() == len(NOTES)
    assert library.analyse_again() == 0
    library.check_fingerprint(BagOfWordsEncoder.fingerprint)
    assert lexical(library, "쿠버네티스")[0] == NOTES["pods"]
    coverage = library.search_lexical("쿠버네티스란?", 1).coverage
    assert coverage == pytest.approx(1), "it is a word of the notes"
    assert NOTES["apart"] not in lexical(library, "전이학습")[:1]
    assert lexical(library, "전이 학습")[0] in (NOTES["transfer"], NOTES["apart"])
    assert library.check() == []
    library.close()

    again = Library.open(tmp_path)
    assert again.analyse_again() == len(NOTES), "and back"
    again.close()


def test_the_version_tells_dictionaries_apart() -> None:
    assert version_with((), ANALYSER_VERSION) == ANALYSER_VERSION
    versions = {version_with(words, ANALYSER_VERSION) for words in (WORDS, WORDS[:2], WORDS[1:])}
    assert len(versions) == 3


def test_a_file_of_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    file = tmp_path / "words.txt"
    file.write_text(
        "\ufeff# 내 낱말\n\n쿠버네티스 # 도구\nC언어\n  전이학습  \n쿠버네티스\nＣ언어\n", "utf-8"
    )
    assert dictionary.read(file) == WORDS
    assert dictionary.read(None) == ()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("전이 학습", "space within"),
        ("softmax", "no Korean"),
        ("수", "not a word"),
        ('"전이학습"', "not a word"),
        ("LLM = 언어모델", "space within"),
        ("가" * 41, "longer than 40"),
        ("전이\x1b[31m학습", "not a word"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "words.txt"
    file.write_text(f"쿠버네티스\n\n{line}\n", "utf-8")
    with pytest.raises(ConfigError, match=fault) as caught:
        dictionary.read(file)
    assert f"{file}, line 3" in caught.value.message
    assert "\x1b" not in caught.value.message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        dictionary.read(tmp_path / "none.txt")
    (tmp_path / "words.txt").write_bytes("전이학습".encode("cp949"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        dictionary.read(tmp_path / "words.txt")


def test_the_desk_reads_it_once_and_doctor_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    file = paths.dictionary_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("쿠버네티스\n전이학습\n", "utf-8")
    desk = Desk(config.load())
    put(desk.library, "pods", NOTES["pods"])
    assert lexical(desk.library, "쿠버네티스") == [NOTES["pods"]]
    line = next(desk.diagnose())
    assert (line.name, line.level) == ("dictionary", "ok")
    assert "2 words" in line.detail
    assert str(file) in line.detail
    desk.close()

    file.write_text("전이 학습\n", "utf-8")
    broken = Desk(config.load())
    (line,) = broken.diagnose()
    assert (line.name, line.level) == ("dictionary", "error")
    assert "line 1" in line.detail
    with pytest.raises(ConfigError, match="line 1"):
        _ = broken.library
