from __future__ import annotations

import contextlib
import io
import random
import struct
import unicodedata
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from assistant.errors import AssistantError, ReadError
from assistant.ingestion import archives
from assistant.ingestion.archives import Member, members, open_archive


def zipped(
    *files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED, twice: bool = False
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive, warnings.catch_warnings():
        if twice:
            warnings.simplefilter("ignore", UserWarning)  # two members of one name
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def raw_zip(name: bytes, data: bytes, *, flags: int = 0, stated: int | None = None) -> bytes:
    """One member, written by hand: zipfile writes no name but its own, and no lie."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    size = len(data) if stated is None else stated
    fields = (flags, 8, 0, 0, zlib.crc32(data[:size]), len(packed), size, len(name))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, *fields, 0) + name + packed
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, *fields, 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


def names(data: bytes) -> list[str]:
    return [member.name for member in members(data, "a.zip")]


# --------------------------------------------------------------------------- documents


def test_a_document_is_opened() -> None:
    data = zipped(("a.xml", b"<a/>"), ("b.xml", b"x" * 100_000))
    with open_archive(data, "a.docx") as archive:
        assert archive.read("b.xml") == b"x" * 100_000


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7", b"PK\3\4" + b"\0" * 200])
def test_what_is_no_zip(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"a\.docx is not a zip archive"):
        open_archive(data, "a.docx")
    with pytest.raises(ReadError, match=r"a\.zip is not a zip archive"):
        list(members(data, "a.zip"))


def test_a_locked_archive() -> None:
    data = raw_zip(b"a.xml", b"secret", flags=1)
    with pytest.raises(ReadError, match=r"a\.docx is locked by a password"):
        open_archive(data, "a.docx")
    with pytest.raises(ReadError, match=r"locked by a password"):
        names(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_not_read(method: int) -> None:
    data = zipped(("a.md", b"x" * 1000), compression=method)
    with pytest.raises(ReadError, match="method"):
        open_archive(data, "a.docx")
    (member,) = members(data, "a.zip")
    with pytest.raises(ReadError, match=r"a\.md is packed by a method"):
        member.read()


# --------------------------------------------------------------------------- bombs


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_DOCUMENT", archives._Bounds(2, 1000, 1000))
    open_archive(zipped(("a", b""), ("b", b"")), "a.docx")
    with pytest.raises(ReadError, match=r"a\.docx is refused: it has 3 members"):
        open_archive(zipped(("a", b""), ("b", b""), ("c", b"")), "a.docx")


@pytest.mark.parametrize("bounds", [(9, 1000, 2000), (9, 9000, 600), (9, 9000, 9000, 100, 3)])
def test_too_much_in_all_or_in_one_or_for_its_size(
    bounds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_DOCUMENT", archives._Bounds(*bounds))
    with pytest.raises(ReadError, match=r"is refused: it unpacks to"):
        open_archive(zipped(("a", b"x" * 700), ("b", b"x" * 700)), "a.docx")
    open_archive(zipped(("a", random.Random(0).randbytes(300))), "a.docx")


def test_a_classic_bomb_is_refused_before_it_is_unpacked() -> None:
    data = zipped(("a.xml", bytes(100_000_000)))
    assert len(data) < 100_000
    for read in (open_archive, lambda data, name: list(members(data, name))):
        with pytest.raises(ReadError, match="refused"):
            read(data, "a.docx")


def test_a_directory_that_lies_about_a_size() -> None:
    data = raw_zip(b"a.xml", bytes(50_000_000), stated=100)
    with pytest.raises(ReadError, match="larger than it states"):
        open_archive(data, "a.docx")
    found = members(data, "a.zip")
    member = next(found)
    assert member.size == 100
    with pytest.raises(ReadError, match=r"a\.xml unpacks to more than is read"):
        member.read()


def test_members_that_share_their_bytes() -> None:
    data = bytearray(zipped(("a.xml", b"x" * 1000), ("b.xml", b"x" * 1000)))
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = bytes(4)  # where its data begin: those of the first
    with pytest.raises(ReadError, match="overlap"):
        open_archive(bytes(data), "a.docx")


def test_what_is_read_of_an_export_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_READ_TOTAL", 150_000)
    monkeypatch.setattr(archives, "_READ_MEMBER", 120_000)
    noise = random.Random(0).randbytes(200_000)
    data = zipped(("a.md", noise[:100_000]), ("b.md", noise[:90_000]), ("photo.jpg", noise))
    found = members(data, "a.zip")
    assert next(found).read() == noise[:100_000]
    with pytest.raises(ReadError, match=r"b\.md unpacks to more than is read"):
        next(found).read()
    photo = next(found)
    assert photo.size == 200_000
    with pytest.raises(ReadError, match=r"photo\.jpg unpacks to more than is read"):
        photo.read()


# --------------------------------------------------------------------------- exports


def test_members_are_files_with_their_bytes() -> None:
    data = zipped(
        ("노트/", b""),
        ("노트/어텐션 0123456789abcdef0123456789abcdef.md", "# 어텐션".encode()),
        ("a.csv", b"1,2"),
    )
    found = list(members(data, "a.zip"))
    assert [(member.name, member.size, member.refused) for member in found] == [
        ("노트/어텐션 0123456789abcdef0123456789abcdef.md", 11, ""),
        ("a.csv", 3, ""),
    ]
    assert [member.read() for member in members(data, "a.zip")] == ["# 어텐션".encode(), b"1,2"]


def test_an_open_file_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(("a.md", b"one"), ("b.md", b"two")))
    with path.open("rb") as file:
        assert [member.read() for member in members(file, "a.zip")] == [b"one", b"two"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd.md", ["etc/passwd.md"]),
        ("/root/a.md", ["root/a.md"]),
        ("C:\\notes\\a.md", ["notes/a.md"]),
        ("a/./b//c.md", ["a/b/c.md"]),
        ("..", []),
        (".git/a.md", []),
        ("a/.DS_Store", []),
        ("__MACOSX/a.md", []),
        ("a/~$report.docx", []),
        ("a/note.md.part", []),
        ("node_modules/package/README.md", []),
        ("lost+found", ["lost+found"]),  # no folder
        ("a\x1b[31m\u202e.md", ["a.md"]),
        ("line\nbreak.md", ["line break.md"]),
        (f"{'x' * 2000}.md", []),
        (unicodedata.normalize("NFD", "임베딩.md"), ["임베딩.md"]),
    ],
)
def test_names_are_made_safe(name: str, expected: list[str]) -> None:
    assert names(zipped((name, b"x"))) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_korean_names_without_the_flag(encoding: str, form: str) -> None:
    name = "강의/어텐션 정리.md"
    if encoding == "utf-8":
        name = unicodedata.normalize(form, name)
    assert names(raw_zip(name.encode(encoding), b"x")) == ["강의/어텐션 정리.md"]


def test_links_are_left_out() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.md", "x")
    assert names(out.getvalue()) == ["a.md"]


def test_of_two_members_of_one_name_the_later_counts() -> None:
    data = zipped(("a.md", b"old"), ("a.md", b"new"), twice=True)
    assert [member.read() for member in members(data, "a.zip")] == [b"new"]


def test_a_zip_within_is_a_folder_and_one_within_that_is_refused() -> None:
    deepest = zipped(("c.md", b"three"))
    inner = zipped(("b.md", "둘".encode()), ("deep.zip", deepest))
    data = zipped(("Export-Part-1.zip", inner), ("a.md", b"one"))
    found: dict[str, bytes | str] = {}
    for member in members(data, "a.zip"):
        found[member.name] = member.refused or member.read()
    assert found == {
        "Export-Part-1.zip/b.md": "둘".encode(),
        "Export-Part-1.zip/deep.zip": "is an archive three levels deep",
        "a.md": b"one",
    }


def test_a_bad_zip_within_does_not_cost_the_rest() -> None:
    bomb = zipped(("x.md", bytes(100_000_000)))
    locked = raw_zip(b"a.md", b"x", flags=1)
    data = zipped(("1.zip", b"none"), ("2.zip", bomb), ("3.zip", locked), ("a.md", b"one"))
    found = list(members(data, "a.zip"))
    assert [member.name for member in found] == ["1.zip", "2.zip", "3.zip", "a.md"]
    assert [bool(member.refused) for member in found] == [True, True, True, False]
    assert "password" in found[2].refused
    with pytest.raises(ReadError, match=r"1\.zip is not a zip archive"):
        found[0].read()


def test_a_damaged_member_does_not_cost_the_rest() -> None:
    data = bytearray(zipped(("a.md", b"one" * 1000), ("b.md", b"two")))
    data[data.index(b"a.md") + 6] ^= 0xFF
    found = members(bytes(data), "a.zip")
    with pytest.raises(ReadError, match=r"a\.md is damaged"):
        next(found).read()
    assert next(found).read() == b"two"


def test_a_member_asked_for_too_late_is_an_error_of_ours() -> None:
    (member,) = list(members(zipped(("a.md", b"x")), "a.zip"))
    with pytest.raises(ReadError):
        member.read()
    with pytest.raises(ReadError):
        Member("a", 1).read()


@pytest.mark.timeout(60)
def test_whatever_is_broken_is_an_error_of_ours() -> None:
    inner = zipped(("둘.md", "글이다. ".encode() * 30))
    whole = zipped(("a.md", b"one" * 50), ("in.zip", inner), ("노트/b.md", b"two"))
    chance = random.Random(3)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            data = data[: chance.randrange(len(data))]
        with contextlib.suppress(AssistantError):
            open_archive(bytes(data), "a.docx").close()
        try:
            for member in members(bytes(data), "a.zip"):
                try:
                    member.read()
                except AssistantError:
                    continue
        except AssistantError:
            continue
