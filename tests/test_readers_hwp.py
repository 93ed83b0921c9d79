"""Hangul documents, made here byte by byte after the published formats (HWP 5.0, OWPML)."""

from __future__ import annotations

import io
import random
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from assistant.errors import AssistantError, EmptyFile, ReadError
from assistant.ingestion.readers import read
from assistant.ingestion.readers.base import Reading
from assistant.types import Part, Place

# --------------------------------------------------------------------------- HWP 5

_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_COMPRESSED, _PASSWORD, _DISTRIBUTION, _DRM = 1, 2, 4, 16
_STYLES = ("바탕글", "개요 1", "개요 2", "제목")


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB, version 3) of streams at most one storage deep."""
    storages = sorted({path.partition("/")[0] for path in streams if "/" in path})
    names = ["Root Entry", *storages, *(p for p in streams if "/" not in p)]
    names += [path for path in streams if "/" in path]
    sectors: list[bytes] = []
    fat: list[int] = []

    def chain(content: bytes) -> int:
        start = len(sectors)
        pieces = [content[at : at + 512].ljust(512, b"\0") for at in range(0, len(content), 512)]
        sectors.extend(pieces)
        fat.extend(range(start + 1, start + len(pieces)))
        fat.append(_END)
        return start

    mini, mini_fat, place = b"", [], {}
    for path, content in streams.items():
        if len(content) >= 4096:
            place[path] = chain(content)
            continue
        place[path] = len(mini_fat)
        count = -(-len(content) // 64)
        mini += content.ljust(count * 64, b"\0")
        mini_fat += [*range(place[path] + 1, place[path] + count), _END]
    mini_start = chain(mini)
    entries = b""
    for index, name in enumerate(names):
        parent = name.partition("/")[0] if "/" in name else "Root Entry"
        siblings = [
            other
            for other in names[1:]
            if (other.partition("/")[0] if "/" in other else "Root Entry") == parent
        ]
        after = siblings[siblings.index(name) + 1 :] if index else []
        right = names.index(after[0]) if after else _FREE
        inside = [other for other in names if other.startswith(f"{name}/")]
        child = names.index(inside[0]) if inside else (1 if not index else _FREE)
        kind = 5 if not index else (1 if name in storages else 2)
        short = name.rpartition("/")[2].encode("utf-16-le")
        start = mini_start if not index else place.get(name, 0)
        size = len(mini) if not index else len(streams.get(name, b""))
        entries += short.ljust(64, b"\0") + struct.pack(
            "<HBBIII16xI16xIQ", len(short) + 2, kind, 1, _FREE, right, child, 0, start, size
        )
    directory = chain(entries.ljust(-(-len(entries) // 512) * 512, b"\0"))
    mini_table = chain(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(512, b"\xff"))
    fat_sectors = -(-(len(sectors) + 4) // 128)
    fat_ids = range(len(sectors), len(sectors) + fat_sectors)
    fat += [_FAT] * fat_sectors
    fat += [_FREE] * (fat_sectors * 128 - len(fat))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + struct.pack(
        "<16xHHHHH6xIIIIIIIII",
        *(0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, directory, 0, 4096, mini_table, 1, _END, 0),
    )
    slots = [*fat_ids, *[_FREE] * (109 - fat_sectors)]
    body = b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)
    return header + struct.pack("<109I", *slots) + body


def record(tag: int, level: int, content: bytes) -> bytes:
    return struct.pack("<I", tag | level << 10 | len(content) << 20) + content


def paragraph(text: str | bytes, *, style: int = 0, level: int = 0, controls: bytes = b"") -> bytes:
    characters = text.encode("utf-16-le") if isinstance(text, str) else text
    characters += "\r".encode("utf-16-le")
    header = struct.pack("<IIHBBHHHI", len(characters) // 2, 0, 0, style, 0, 1, 0, 0, 0)
    return (
        record(66, level, header)
        + record(67, level + 1, characters)
        + record(68, level + 1, struct.pack("<II", 0, 0))
        + controls
    )


def anchor(character: int, name: str) -> bytes:
    """The eight characters that stand in a paragraph for a table, a note or a formula."""
    return struct.pack("<H4s8xH", character, name[::-1].encode(), character)


def table(rows: list[list[str]], *, level: int = 1) -> bytes:
    sizes = struct.pack(f"<{len(rows)}H", *map(len, rows))
    shape = struct.pack("<IHHH8x", 0, len(rows), len(rows[0]), 0) + sizes + bytes(2)
    cells = b""
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            place = struct.pack("<HHHHII8xH", column, number, 1, 1, 100, 100, 0)
            cells += record(72, level + 1, struct.pack("<HHI", 1, 0, 0) + place)
            cells += paragraph(text, level=level + 1)
    return record(71, level, b" lbt" + bytes(42)) + record(77, level + 1, shape) + cells


def note(text: str) -> bytes:
    inside = record(72, 2, struct.pack("<HHI", 1, 0, 0) + bytes(8)) + paragraph(text, level=2)
    return record(71, 1, b"  nf" + bytes(12)) + inside


def formula(script: str) -> bytes:
    body = struct.pack("<IH", 0, len(script)) + script.encode("utf-16-le") + bytes(12)
    return record(71, 1, b"deqe" + struct.pack("<I", 1) + bytes(38)) + record(88, 2, body)


def hwp(*sections: bytes, flags: int = _COMPRESSED, version: int = 5) -> bytes:
    styles = b""
    for name in _STYLES:
        letters = name.encode("utf-16-le")
        styles += record(26, 0, struct.pack("<H", len(name)) + letters + bytes(2) + bytes(8))
    info = record(16, 0, struct.pack("<H24x", len(sections))) + styles

    def packed(content: bytes) -> bytes:
        if not flags & _COMPRESSED:
            return content
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(content) + packer.flush()

    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<BBBBI", 0, 0, 1, version, flags)
    streams = {"FileHeader": header.ljust(256, b"\0"), "DocInfo": packed(info)}
    for number, section in enumerate(sections):
        streams[f"BodyText/Section{number}"] = packed(section)
    return compound_file(streams)


def notes_hwp(flags: int = _COMPRESSED) -> bytes:
    first = (
        paragraph("운영체제 정리", style=3)
        + paragraph("첫 문단이다.")
        + paragraph("1. 프로세스", style=1)
        + paragraph(
            "프로세스는 실행 중인 프로그램이다.".encode("utf-16-le") + anchor(17, "fn  "),
            controls=note("교재 3장을 보라."),
        )
        + paragraph(
            anchor(11, "tbl "), controls=table([["방식", "선점"], ["FCFS", "아니오"], ["RR", "예"]])
        )
        + paragraph("가. 문맥 교환", style=2)
        + paragraph("1) 저장한다")
        + paragraph("2) 되돌린다")
        + paragraph(
            "비용은 ".encode("utf-16-le") + anchor(11, "eqed") + "이다.".encode("utf-16-le"),
            controls=formula("a over b"),
        )
    )
    second = paragraph("2. 메모리", style=1) + paragraph("페이지 테이블이 주소를 바꾼다.")
    return hwp(first, second, flags=flags)


# --------------------------------------------------------------------------- HWPX

_NAMES = (
    'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph"'
    ' xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section"'
    ' xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"'
)


def p(text: str, style: int = 0) -> str:
    return f'<hp:p styleIDRef="{style}"><hp:run charPrIDRef="0">{text}</hp:run></hp:p>'


def t(text: str) -> str:
    return f"<hp:t>{text}</hp:t>"


def xml_table(rows: Iterable[Iterable[str]]) -> str:
    lines = [list(row) for row in rows]
    body = "".join(
        "<hp:tr>"
        + "".join(
            f'<hp:tc><hp:subList>{cell}</hp:subList><hp:cellAddr colAddr="{c}" rowAddr="{r}"/>'
            '<hp:cellSpan colSpan="1" rowSpan="1"/></hp:tc>'
            for c, cell in enumerate(row)
        )
        + "</hp:tr>"
        for r, row in enumerate(lines)
    )
    return f'<hp:tbl rowCnt="{len(lines)}" colCnt="{len(lines[0])}">{body}</hp:tbl>'


def hwpx(*sections: str, manifest: str = "", mimetype: str = "application/hwp+zip") -> bytes:
    styles = "".join(
        f'<hh:style id="{number}" type="PARA" name="{name}" paraPrIDRef="0"/>'
        for number, name in enumerate(_STYLES)
    )
    items = "".join(f'<item id="s{n}" href="section{n}.xml"/>' for n in range(len(sections)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        archive.writestr("Contents/content.hpf", f"<package><manifest>{items}</manifest></package>")
        archive.writestr("Contents/header.xml", f"<hh:head {_NAMES}>{styles}</hh:head>")
        for number, section in enumerate(sections):
            archive.writestr(
                f"Contents/section{number}.xml", f"<hs:sec {_NAMES}>{section}</hs:sec>"
            )
        if manifest:
            archive.writestr("META-INF/manifest.xml", manifest)
    return file.getvalue()


def notes_hwpx() -> bytes:
    mark = p(t("교재 3장을 보라."))
    footnote = f"<hp:ctrl><hp:footNote><hp:subList>{mark}</hp:subList></hp:footNote></hp:ctrl>"
    cells = [["방식", "선점"], ["FCFS", "아니오"], ["RR", "예"]]
    equation = '<hp:equation><hp:pos treatAsChar="1"/><hp:script>a over b</hp:script></hp:equation>'
    first = (
        p(t("운영체제 정리"), 3)
        + p(t("첫 문단이다."))
        + p(t("1. 프로세스"), 1)
        + p(t("프로세스는 실행 중인 프로그램이다.") + footnote)
        + p(xml_table([p(t(cell)) for cell in row] for row in cells))
        + p(t("가. 문맥 교환"), 2)
        + p(t("1) 저장한다"))
        + p(t("2) 되돌린다"))
        + p(t("비용은 ") + equation + t("이다."))
    )
    return hwpx(first, p(t("2. 메모리"), 1) + p(t("페이지 테이블이 주소를 바꾼다.")))


EXPECTED = Reading(
    "운영체제 정리",
    (
        Part("운영체제 정리\n\n첫 문단이다.", Place(headings=("운영체제 정리",))),
        Part(
            "1. 프로세스\n\n프로세스는 실행 중인 프로그램이다.[^1]\n\n[^1]: 교재 3장을 보라.\n\n"
            "| 방식 | 선점 |\n| --- | --- |\n| FCFS | 아니오 |\n| RR | 예 |",
            Place(headings=("운영체제 정리", "1. 프로세스")),
        ),
        Part(
            "가. 문맥 교환\n\n1) 저장한다\n2) 되돌린다\n\n비용은 $\\frac{a}{b}$이다.",
            Place(headings=("운영체제 정리", "1. 프로세스", "가. 문맥 교환")),
        ),
        Part(
            "2. 메모리\n\n페이지 테이블이 주소를 바꾼다.",
            Place(headings=("운영체제 정리", "2. 메모리")),
        ),
    ),
)


def parts_of(data: bytes, name: str = "노트.hwp") -> list[Part]:
    return list(read(Path(name), data).parts)


@pytest.mark.parametrize(
    "data",
    [notes_hwp(), notes_hwp(flags=0), notes_hwpx()],
    ids=["compressed", "plain", "hwpx"],
)
@pytest.mark.parametrize("suffix", [".hwp", ".hwpx"])  # people rename one into the other
def test_a_document_keeps_headings_tables_notes_and_formulas(data: bytes, suffix: str) -> None:
    assert read(Path(f"노트{suffix}"), data) == EXPECTED


def test_without_a_title_style_the_only_first_heading_is_the_title() -> None:
    one = paragraph("알고리즘", style=1) + paragraph("본문이다.")
    assert read(Path("a.hwp"), hwp(one)).title == "알고리즘"
    two = one + paragraph("정렬", style=1) + paragraph("본문이다.")
    assert read(Path("기말 정리.hwp"), hwp(two)).title == "기말 정리"


def test_a_frame_of_one_cell_is_read_as_what_it_frames() -> None:
    framed = p(t("정리"), 1) + p(t("틀 안의 글이다."))
    inner = p(xml_table([[p(t("가")), p(t("나"))], [p(t("1")), p(t("2"))]]))
    parts = parts_of(hwpx(p(xml_table([[framed + inner]]))))
    table_text = "| 가 | 나 |\n| --- | --- |\n| 1 | 2 |"
    assert parts == [Part(f"정리\n\n틀 안의 글이다.\n\n{table_text}", Place(headings=("정리",)))]


def test_a_long_table_repeats_its_header_in_every_part() -> None:
    rows = [["번호", "내용"], *([str(n), f"{n}번째 실험의 결과를 적는다"] for n in range(60))]
    parts = parts_of(hwpx(p(t("실험"), 1) + p(xml_table([p(t(c)) for c in r] for r in rows))))
    assert len(parts) > 2
    assert {part.place.headings for part in parts} == {("실험",)}
    head = "| 번호 | 내용 |\n| --- | --- |\n"
    assert parts[0].text.startswith(f"실험\n\n{head}| 0 |")
    assert all(part.text.startswith(head) for part in parts[1:])
    found = [line for part in parts for line in part.text.split("\n") if "번째" in line]
    assert found == [f"| {n} | {n}번째 실험의 결과를 적는다 |" for n in range(60)]
    assert all(len(part.text) < 900 for part in parts)


def test_bars_and_line_breaks_in_cells() -> None:
    cell = p(t("a|b")) + p(t("둘째"))
    parts = parts_of(hwpx(p(xml_table([[cell, p(t("나"))], [p(t("1")), p(t("2"))]]))))
    assert parts[0].text.split("\n")[0] == "| a\\|b 둘째 | 나 |"


def test_decomposed_hangul_and_control_characters_are_cleaned() -> None:
    text = unicodedata.normalize("NFD", "한글\u200b 문서")
    assert parts_of(hwpx(p(t(text)))) == [Part("한글 문서", Place())]


def test_running_heads_are_left_out() -> None:
    head = f"<hp:ctrl><hp:header><hp:subList>{p(t('3학년 1반'))}</hp:subList></hp:header></hp:ctrl>"
    assert parts_of(hwpx(p(head + t("본문이다.")))) == [Part("본문이다.", Place())]


@pytest.mark.parametrize(
    ("flag", "why"),
    [(_PASSWORD, "password"), (_DISTRIBUTION, "distribution"), (_DRM, "rights management")],
)
def test_a_locked_document_says_so(flag: int, why: str) -> None:
    with pytest.raises(ReadError, match=rf"노트\.hwp is locked .*{why}") as caught:
        parts_of(hwp(paragraph("비밀이다."), flags=_COMPRESSED | flag))
    assert "without the lock" in caught.value.hint


def test_a_file_locked_as_a_whole_says_so() -> None:
    with pytest.raises(ReadError, match=r"노트\.hwp is locked by rights management"):
        parts_of(b"<MARKANY_DOCUMENTSAFER>" + bytes(500))


def test_a_hwpx_with_a_password_says_so() -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    with pytest.raises(ReadError, match="locked by a password"):
        parts_of(hwpx(p(t("비밀이다.")), manifest=manifest))


def test_hangul_97_is_told_apart() -> None:
    with pytest.raises(ReadError, match="Hangul 97") as caught:
        parts_of(b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05" + bytes(500))
    assert ".hwpx" in caught.value.hint


def test_one_broken_section_leaves_the_others() -> None:
    data = notes_hwpx()
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            broken = name.endswith("section0.xml")
            new.writestr(name, b"<hs:sec><hp:p>" if broken else old.read(name))
    assert [part.text for part in parts_of(file.getvalue())] == [EXPECTED.parts[-1].text]


def test_a_document_of_pictures_is_empty_with_a_hint() -> None:
    picture = '<hp:pic><hc:img xmlns:hc="x" binaryItemIDRef="image1"/></hp:pic>'
    with pytest.raises(EmptyFile, match=r"노트\.hwp holds no text") as caught:
        parts_of(hwpx(p(picture)))
    assert "OCR" in caught.value.hint
    with pytest.raises(EmptyFile):
        parts_of(hwp(paragraph("")))


def zip_of(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"PK\x03\x04",
        b"%PDF-1.7",
        "그냥 글이다.".encode(),
        random.Random(1).randbytes(4096),
        notes_hwp()[:1500],
        notes_hwpx()[:-30],
        zip_of(document=b"x"),
        compound_file({"WordDocument": bytes(5000)}),
        hwp(paragraph("글"), version=3),
        hwpx("</hs:sec><!--"),
    ],
    ids=range(12),
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"노트\.hwp"):
        parts_of(data)


def test_a_section_that_unpacks_without_end_is_refused() -> None:
    bomb = zlib.compressobj(9, wbits=-15)
    packed = bomb.compress(bytes(250 << 20)) + bomb.flush()
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<BBBBI", 0, 0, 1, 5, 1)
    packer = zlib.compressobj(wbits=-15)
    doc_info = packer.compress(record(16, 0, struct.pack("<H24x", 1))) + packer.flush()
    streams = {"FileHeader": header.ljust(256, b"\0"), "DocInfo": doc_info}
    with pytest.raises(ReadError):
        parts_of(compound_file({**streams, "BodyText/Section0": packed}))


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("비밀번호")
    section = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]><hs:sec {_NAMES}>' + p(
        t("앞 &e; 뒤")
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/hwp+zip")
        archive.writestr("Contents/section0.xml", section + "</hs:sec>")
    try:
        texts = [part.text for part in parts_of(file.getvalue())]
    except ReadError:
        texts = []
    assert "비밀" not in "".join(texts)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "data", [notes_hwp(), notes_hwp(flags=0), notes_hwpx()], ids=["compressed", "plain", "hwpx"]
)
def test_damage_never_ends_in_another_error(data: bytes) -> None:
    chance = random.Random(7)
    for _ in range(100):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        if chance.random() < 0.2:
            del broken[chance.randrange(len(broken)) :]
        with suppress(AssistantError):
            parts_of(bytes(broken))
