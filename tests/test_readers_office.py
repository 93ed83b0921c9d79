from __future__ import annotations

import datetime as dt
import io
import random
import struct
import time
import zipfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from assistant.errors import AssistantError, EmptyFile, ReadError
from assistant.ingestion.readers import read
from assistant.types import Part, Place

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parts_of(name: str, data: bytes) -> list[Part]:
    return list(read(Path(name), data).parts)


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def with_member(data: bytes, name: str, change: Callable[[bytes], bytes | None]) -> bytes:
    """The same zip with a member changed, or left out where the change is None."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for info in old.infolist():
            content: bytes | None = old.read(info)
            if info.filename == name:
                content = change(old.read(info))
            if content is not None:
                new.writestr(info, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def zipped(members: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


# --------------------------------------------------------------------------- DOCX


def lecture() -> Any:
    document = Document()
    document.core_properties.title = ""
    document.add_paragraph("트랜스포머 강의 노트", style="Title")
    document.add_paragraph("이 노트는 어텐션을 다룬다.")
    document.add_heading("어텐션", 1)
    document.add_paragraph("질의와 키의 내적을 쓴다.")
    document.add_paragraph("질의", style="List Bullet")
    document.add_paragraph("키", style="List Bullet")
    document.add_heading("스케일링", 2)
    document.add_paragraph("차원의 제곱근으로 나눈다.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells],
        ["기호", "뜻", "d|k", "키의\n차원"],
        strict=True,
    ):
        cell.text = text
    document.add_paragraph("표 뒤의 글이다.")
    document.add_heading("Evaluation", 1)
    document.add_paragraph("Measured twice.")
    return document


def test_a_word_document_in_reading_order() -> None:
    reading = read(Path("강의.docx"), saved(lecture()))
    assert reading.title == "트랜스포머 강의 노트"
    assert list(reading.parts) == [
        Part("트랜스포머 강의 노트\n\n이 노트는 어텐션을 다룬다.", Place()),
        Part("어텐션\n\n질의와 키의 내적을 쓴다.\n\n- 질의\n- 키", Place(headings=("어텐션",))),
        Part(
            "스케일링\n\n차원의 제곱근으로 나눈다.\n\n"
            "| 기호 | 뜻 |\n| --- | --- |\n| d\\|k | 키의 차원 |\n\n표 뒤의 글이다.",
            Place(headings=("어텐션", "스케일링")),
        ),
        Part("Evaluation\n\nMeasured twice.", Place(headings=("Evaluation",))),
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [("기계학습 3주차", "기계학습 3주차"), ("Word 문서", "file"), ("과제.docx", "file")],
)
def test_the_title_of_a_word_document(title: str, expected: str) -> None:
    document = Document()
    document.core_properties.title = title
    document.add_paragraph("글이다.")
    assert read(Path("file.docx"), saved(document)).title == expected


def test_headings_by_korean_names_and_by_outline_level() -> None:
    document = Document()
    document.styles.add_style("제목 1", WD_STYLE_TYPE.PARAGRAPH)
    based = document.styles.add_style("내 절", WD_STYLE_TYPE.PARAGRAPH)
    based.base_style = document.styles["Heading 2"]
    document.add_paragraph("서론", style="제목 1")
    document.add_paragraph("배경", style="내 절")
    document.add_paragraph("글이다.")
    direct = document.add_paragraph("결론")
    direct._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="0"/>'))
    document.add_paragraph("끝이다.")
    assert parts_of("a.docx", saved(document)) == [
        Part("서론", Place(headings=("서론",))),
        Part("배경\n\n글이다.", Place(headings=("서론", "배경"))),
        Part("결론\n\n끝이다.", Place(headings=("결론",))),
    ]


def paragraph_xml(document: Any, xml: str) -> None:
    spaces = (
        f'{nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
        ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
        ' xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    section = document.element.body.find(qn("w:sectPr"))
    section.addprevious(parse_xml(xml.replace(">", f" {spaces}>", 1)))


def test_insertions_are_kept_and_deletions_are_not() -> None:
    document = Document()
    paragraph_xml(
        document,
        '<w:p><w:r><w:t xml:space="preserve">오차는 </w:t></w:r>'
        '<w:del w:id="1" w:author="k"><w:r><w:delText>3%</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="k"><w:r><w:t>5%</w:t></w:r></w:ins>'
        '<w:moveFrom w:id="3" w:author="k"><w:r><w:t>옮김</w:t></w:r></w:moveFrom>'
        "<w:r><w:t>이다.</w:t></w:r></w:p>",
    )
    assert [part.text for part in parts_of("a.docx", saved(document))] == ["오차는 5%이다."]


def test_links_fields_boxes_and_formulas_of_a_word_document() -> None:
    document = Document()
    paragraph_xml(
        document,
        '<w:p><w:hyperlink w:anchor="x"><w:r><w:t>논문</w:t></w:r></w:hyperlink>'
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:tab/><w:t>참고</w:t></w:r></w:p>",
    )
    paragraph_xml(
        document,
        "<w:p><m:oMath><m:r><m:t>x</m:t></m:r><m:sSup><m:e><m:r><m:t>y</m:t></m:r></m:e>"
        "<m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></w:p>",
    )
    paragraph_xml(
        document,
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx><w:txbxContent>"
        "<w:p><w:r><w:t>상자 안의 글</w:t></w:r></w:p></w:txbxContent></wps:txbx></mc:Choice>"
        "<mc:Fallback><v:textbox><w:txbxContent><w:p><w:r><w:t>상자 안의 글</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></mc:Fallback></mc:AlternateContent></w:r></w:p>",
    )
    texts = [part.text for part in parts_of("a.docx", saved(document))]
    assert texts == ["논문 참고\n\nxy^2\n\n상자 안의 글"]


def test_a_table_of_contents_is_no_text() -> None:
    document = Document()
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("1. 서론 ....... 3", style="toc 1")
    paragraph_xml(
        document,
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>'
        "</w:docPartObj></w:sdtPr><w:sdtContent><w:p><w:r><w:t>차례</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>",
    )
    paragraph_xml(
        document,
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>본문</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    )
    document.sections[0].header.paragraphs[0].text = "머리말"
    document.sections[0].footer.paragraphs[0].text = "꼬리말"
    assert [part.text for part in parts_of("a.docx", saved(document))] == ["본문"]


def test_a_footnote_follows_its_paragraph() -> None:
    document = Document()
    paragraph_xml(
        document,
        '<w:p><w:r><w:t>주장이다.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
    )
    document.add_paragraph("다음 글.")
    data = saved(document)
    relation = (
        '<Relationship Id="rId99" Target="footnotes.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/footnotes"/></Relationships>'
    )
    data = with_member(
        data,
        "word/_rels/document.xml.rels",
        lambda xml: xml.replace(b"</Relationships>", relation.encode()),
    )
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(
            "word/footnotes.xml",
            f'<w:footnotes {nsdecls("w")}><w:footnote w:id="2"><w:p><w:r><w:t>근거는 2장.</w:t>'
            "</w:r></w:p></w:footnote></w:footnotes>",
        )
    texts = [part.text for part in parts_of("a.docx", file.getvalue())]
    assert texts == ["주장이다.[^1]\n\n[^1]: 근거는 2장.\n\n다음 글."]


def numbered(document: Any, text: str, level: int, number: int = 77) -> None:
    paragraph_xml(
        document,
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        f"</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>",
    )


def test_numbers_that_word_prints_and_does_not_write() -> None:
    document = Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{format}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for level, (format, text) in enumerate(
            [("decimal", "제%1조"), ("ganada", "%2."), ("decimal", "%1.%2.%3")]
        )
    )
    numbering.insert(
        0,
        parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'),
    )
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>')
    )
    for text, level in [
        ("목적", 0),
        ("정의", 0),
        ("학생", 1),
        ("교수", 1),
        ("깊이", 2),
        ("벌칙", 0),
    ]:
        numbered(document, text, level)
    numbered(document, "목록이 아님", 0, number=0)
    assert [part.text for part in parts_of("a.docx", saved(document))] == [
        "제1조 목적\n제2조 정의\n  가. 학생\n  나. 교수\n    2.나.1 깊이\n제3조 벌칙\n\n목록이 아님"
    ]


def test_merged_and_framed_cells_of_a_word_table() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=3)
    for row, texts in zip(
        table.rows, [("주", "내용", "비고"), ("1주", "벡터", ""), ("", "행렬", "퀴즈")], strict=True
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(1, 1).merge(table.cell(1, 2))
    frame = document.add_table(rows=1, cols=1)
    frame.cell(0, 0).text = "상자 글"
    text = parts_of("a.docx", saved(document))[0].text
    assert "| 1주 | 벡터 |  |\n| 1주 | 행렬 | 퀴즈 |" in text
    assert text.endswith("\n\n상자 글")


def test_code_of_a_word_document_is_fenced() -> None:
    document = Document()
    document.styles.add_style("Source Code", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("def f():", style="Source Code")
    document.add_paragraph("    return 1", style="Source Code")
    document.add_paragraph("끝.")
    assert [part.text for part in parts_of("a.docx", saved(document))] == [
        "```\ndef f():\n    return 1\n```\n\n끝."
    ]


# --------------------------------------------------------------------------- PPTX


def deck() -> Any:
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "경사하강법"
    first.placeholders[1].text = "기울기의 반대로 간다\n학습률을 곱한다"
    first.placeholders[1].text_frame.paragraphs[1].level = 1
    first.notes_slide.notes_text_frame.text = "시험에 나온다.\n두 번 말할 것."
    presentation.slides.add_slide(presentation.slide_layouts[6])
    third = presentation.slides.add_slide(presentation.slide_layouts[6])
    for text, left, top in [("아래", 1, 4), ("오른쪽", 5, 1.05), ("왼쪽", 1, 1.1)]:
        box = third.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
        box.text_frame.text = text
    return presentation


def test_slides_with_speaker_notes() -> None:
    reading = read(Path("강의.pptx"), saved(deck()))
    assert (reading.title, reading.pages, reading.unread) == ("경사하강법", 3, (2,))
    assert list(reading.parts) == [
        Part(
            "경사하강법\n\n- 기울기의 반대로 간다\n  - 학습률을 곱한다\n\n"
            "Notes:\n시험에 나온다.\n두 번 말할 것.",
            Place(slide=1, headings=("경사하강법",)),
        ),
        Part("왼쪽\n\n오른쪽\n\n아래", Place(slide=3)),
    ]
    assert reading.parts[0].place.label == "slide 1 · 경사하강법"


def test_groups_tables_and_charts_of_a_slide() -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "결과"
    group = slide.shapes.add_group_shape()
    for text, left in [("둘째", 3), ("첫째", 1)]:
        box = group.shapes.add_textbox(Inches(left), Inches(2), Inches(1), Inches(0.5))
        box.text_frame.text = text
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for (row, column), text in {(0, 0): "모델", (0, 1): "점수", (1, 0): "A", (1, 1): "91"}.items():
        table.cell(row, column).text = text
    chart = CategoryChartData()
    chart.categories = ["2025", "2026"]
    chart.add_series("정확도", (0.8, 0.9))
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(5), Inches(4), Inches(2), chart
    )
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "연도별 정확도"
    slide._element.set("show", "0")  # hidden
    assert parts_of("a.pptx", saved(presentation)) == [
        Part(
            "결과\n\n첫째\n\n둘째\n\n| 모델 | 점수 |\n| --- | --- |\n| A | 91 |\n\n"
            "연도별 정확도\n2025, 2026\n정확도",
            Place(slide=1, headings=("결과",)),
        )
    ]


def test_slides_without_text() -> None:
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[6])
    with pytest.raises(EmptyFile, match=r"a\.pptx") as caught:
        read(Path("a.pptx"), saved(presentation))
    assert "OCR" in caught.value.hint


# --------------------------------------------------------------------------- sheets


def workbook(write: Callable[[Any], object]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    write(book)
    book.close()
    return file.getvalue()


def sheet_of(rows: Sequence[Sequence[object]], name: str = "성적") -> bytes:
    def write(book: Any) -> None:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)

    return workbook(write)


def grades(count: int = 3) -> bytes:
    rows = [[20260000 + n, f"학생{n}", 70 + n % 30, 3.5] for n in range(count)]
    return sheet_of([["학번", "이름", "점수", "평점"], *rows])


def test_a_sheet_is_a_table_with_its_rows() -> None:
    assert parts_of("성적.xlsx", grades(2)) == [
        Part(
            "| 학번 | 이름 | 점수 | 평점 |\n| --- | --- | --- | --- |\n"
            "| 20260000 | 학생0 | 70 | 3.5 |\n| 20260001 | 학생1 | 71 | 3.5 |",
            Place(sheet="성적", first_row=1, last_row=3),
        )
    ]


def test_a_long_sheet_is_cut_under_its_header() -> None:
    parts = parts_of("a.xlsx", grades(40))
    assert len(parts) > 1
    header = "| 학번 | 이름 | 점수 | 평점 |\n| --- | --- | --- | --- |\n"
    assert all(part.text.startswith(header) for part in parts)
    assert parts[0].place.first_row == 1
    assert parts[-1].place.last_row == 41
    for before, after in pairwise(parts):
        assert after.place.first_row == (before.place.last_row or 0) + 1
    for part in parts[1:]:
        first = (part.place.first_row or 0) - 2
        assert f"학생{first} " in part.text.split("\n")[2]
        assert len(part.text) <= 900


def test_a_title_above_the_header_heads_every_part() -> None:
    rows = [
        [None],
        [None, "2026-1 자료구조 성적"],
        [None, "담당", "김 교수"],
        [None],
        [None, "이름", "중간", "기말"],
        *([None, f"학생{n}", n, n] for n in range(30)),
    ]
    parts = parts_of("a.xlsx", sheet_of(rows))
    assert len(parts) > 1
    assert {part.place.headings for part in parts} == {("2026-1 자료구조 성적",)}
    assert parts[0].text.startswith(
        "2026-1 자료구조 성적\n담당 김 교수\n\n| 이름 | 중간 | 기말 |\n"
    )
    assert parts[0].place.first_row == 2
    assert parts[1].text.startswith("| 이름 | 중간 | 기말 |\n")


def test_dates_are_no_names_of_columns() -> None:
    dates = ["2026-03-02", "2026년 3월 2일(월)", "2026.03.02 오전 9:30"]
    text = "\n".join(f"{date},{date}" for date in dates)
    assert "---" not in parts_of("a.csv", text.encode())[0].text


def test_days_of_the_week_are_names_of_columns() -> None:
    parts = parts_of("시간표.csv", "교시,월,화,수\n1,통계,,물리\n2,,미적분,\n".encode())
    assert parts[0].text.startswith("| 교시 | 월 | 화 | 수 |\n| --- |")
    parts = parts_of("a.csv", "일,월,화\n1,2,3\n".encode())
    assert parts[0].text.startswith("| 일 | 월 | 화 |\n| --- |")


def test_a_remark_beside_the_table_makes_no_header() -> None:
    rows = [["과목", "교수"], ["통계", "김"], ["미적분", "이", None, "휴강 많음"], ["물리", "박"]]
    parts = parts_of("a.xlsx", sheet_of(rows))
    assert parts[0].text.split("\n")[0] == "| 과목 | 교수 |  |"


def test_years_may_name_columns() -> None:
    rows = [["지표", 2024, 2025], *([f"정확도 {n}", 0.1, 0.2] for n in range(60))]
    assert all(p.text.startswith("| 지표 | 2024 |") for p in parts_of("a.xlsx", sheet_of(rows)))


def test_values_are_written_as_people_do() -> None:
    def write(book: Any) -> None:
        sheet = book.add_worksheet("값")
        sheet.write_row(0, 0, ["종류", "값"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_string(1, 0, "날")
        sheet.write_datetime(1, 1, dt.datetime(2026, 3, 2), day)
        sheet.write_string(2, 0, "때")
        sheet.write_datetime(2, 1, dt.datetime(2026, 3, 2, 9, 30), moment)
        sheet.write_string(3, 0, "식")
        sheet.write_formula(3, 1, "=1+2", None, 3)
        sheet.write_string(4, 0, "참")
        sheet.write_boolean(4, 1, True)
        sheet.write_string(5, 0, "수")
        sheet.write_number(5, 1, 0.1 + 0.2)
        sheet.write_string(6, 0, "둘")
        sheet.write_string(6, 1, "한\n줄 | 칸")
        sheet.merge_range(7, 0, 7, 1, "합친 칸")

    assert parts_of("a.xlsx", workbook(write))[0].text.split("\n")[2:] == [
        "| 날 | 2026-03-02 |",
        "| 때 | 2026-03-02 09:30:00 |",
        "| 식 | 3 |",
        "| 참 | TRUE |",
        "| 수 | 0.3 |",
        "| 둘 | 한 줄 \\| 칸 |",
        "| 합친 칸 |  |",
    ]


def test_sheets_that_are_hidden_empty_or_charts() -> None:
    def write(book: Any) -> None:
        book.add_worksheet("빈")
        for name in ("보임", "숨김", "깊이 숨김"):
            book.add_worksheet(name).write(0, 0, name)
        book.get_worksheet_by_name("숨김").hide()
        book.get_worksheet_by_name("깊이 숨김").very_hidden()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=보임!$A$1:$A$1"})
        book.add_chartsheet("도표").set_chart(chart)

    assert parts_of("a.xlsm", workbook(write)) == [
        Part("보임", Place(sheet="보임", first_row=1, last_row=1)),
        Part("숨김", Place(sheet="숨김", first_row=1, last_row=1)),
    ]


def test_a_row_too_long_for_a_table_is_a_record() -> None:
    opinion = "강의가 조금 빨랐습니다. " * 40
    rows = [
        ["이름", "의견", "점수"],
        ["김", opinion, 5],
        ["이", "좋았다", 4],
        ["박", opinion, None],
    ]
    parts = parts_of("설문.xlsx", sheet_of(rows, "설문"))
    assert [(part.place.first_row, part.place.last_row) for part in parts] == [
        (1, 2),
        (3, 3),
        (4, 4),
    ]
    assert parts[0].text == f"이름: 김\n의견: {opinion.strip()}\n점수: 5"
    assert parts[1].text == "| 이름 | 의견 | 점수 |\n| --- | --- | --- |\n| 이 | 좋았다 | 4 |"
    assert parts[2].text == f"이름: 박\n의견: {opinion.strip()}"


def test_numbers_alone_have_no_header_to_repeat() -> None:
    parts = parts_of("a.xlsx", sheet_of([[n, n * n, n + 0.5] for n in range(60)]))
    assert len(parts) > 1
    assert not any("---" in part.text for part in parts)


def test_twenty_thousand_rows_take_seconds() -> None:
    rows = [[n, f"학생 {n}", n % 100, "컴퓨터공학과", 3.5] for n in range(20_000)]
    data = sheet_of([["학번", "이름", "점수", "학과", "평점"], *rows])
    begin = time.perf_counter()
    parts = parts_of("a.xlsx", data)
    assert time.perf_counter() - begin < 30
    assert parts[-1].place.last_row == 20_001


def test_a_cell_at_the_far_end_is_refused_before_it_takes_all_memory() -> None:
    def write(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "이름")
        sheet.write(1_048_575, 16_383, "끝")

    with pytest.raises(ReadError, match=r"a\.xlsx has cells too far apart") as caught:
        read(Path("a.xlsx"), workbook(write))
    assert "stray" in caught.value.hint


def test_a_stray_cell_is_a_part_of_its_own() -> None:
    def write(book: Any) -> None:
        sheet = book.add_worksheet("장부")
        sheet.write_row(0, 0, ["항목", "금액"])
        sheet.write_row(1, 0, ["책", 100])
        sheet.write_row(1_048_575, 0, ["끝", 1])

    begin = time.perf_counter()
    parts = parts_of("a.xlsx", workbook(write))
    assert time.perf_counter() - begin < 30
    assert [part.place.label for part in parts] == ["장부 · rows 1–2", "장부 · row 1048576"]
    assert parts[1].text.endswith("| 끝 | 1 |")


def test_formatting_at_the_far_end_is_no_cell() -> None:
    def write(book: Any) -> None:
        sheet = book.add_worksheet("글")
        sheet.write(0, 0, "이름")
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert parts_of("a.xlsx", workbook(write)) == [
        Part("이름", Place(sheet="글", first_row=1, last_row=1))
    ]


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="가계부">{}</table:table></office:spreadsheet>'
    "</office:body></office:document-content>"
)


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    xml = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    media = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped(
        {
            "mimetype": media,
            "META-INF/manifest.xml": "<manifest:manifest xmlns:manifest="
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
            "content.xml": ODS.format(xml),
        }
    )


def test_an_open_document_sheet() -> None:
    assert parts_of("a.ods", ods([["항목", "금액"], ["책", "12000"]])) == [
        Part(
            "| 항목 | 금액 |\n| --- | --- |\n| 책 | 12000 |",
            Place(sheet="가계부", first_row=1, last_row=2),
        )
    ]


def xls(rows: Sequence[Sequence[str | float]], name: str = "성적") -> bytes:
    """A workbook of Excel 97 in its container, of one sheet, with the fewest records."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def text(value: str, length: str) -> bytes:
        return struct.pack(length, len(value)) + b"\1" + value.encode("utf-16-le")

    begin = struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)
    bound = struct.pack("<IBB", 0, 0, 0) + text(name, "<B")
    offset = len(record(0x809, begin) + record(0x85, bound) + record(0x0A, b""))
    stream = record(0x809, begin)
    stream += record(0x85, struct.pack("<I", offset) + bound[4:]) + record(0x0A, b"")
    stream += record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            at = struct.pack("<HHH", row, column, 0)
            if isinstance(value, str):
                stream += record(0x204, at + text(value, "<H"))
            else:
                stream += record(0x203, at + struct.pack("<d", value))
    stream += record(0x0A, b"")
    return container("Workbook", stream)


def container(name: str, stream: bytes) -> bytes:
    """A compound file of one stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        coded = label.encode("utf-16-le")
        return (
            coded.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(coded) + 2, kind, 1, 2**32 - 1, 2**32 - 1, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    header = OLE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    directory += entry(name, 2, 2**32 - 1, 2, len(stream)) + bytes(256)
    return header + struct.pack("<128I", *fat) + directory + stream


def test_an_old_excel_file() -> None:
    assert parts_of("a.xls", xls([["이름", "점수"], ["김철수", 90.0]])) == [
        Part(
            "| 이름 | 점수 |\n| --- | --- |\n| 김철수 | 90 |",
            Place(sheet="성적", first_row=1, last_row=2),
        )
    ]


def test_text_under_a_name_of_excels() -> None:
    assert parts_of("a.xls", "이름\t점수\n김\t90\n".encode("cp949"))[0].text == (
        "| 이름 | 점수 |\n| --- | --- |\n| 김 | 90 |"
    )


def test_a_web_page_under_a_name_of_excels() -> None:
    page = (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>'
        '<meta http-equiv="Content-Type" content="text/html; charset=euc-kr"></head><body><table>'
        "<tr><th>과목</th><th>학점</th></tr><tr><td>자료구조</td><td>3</td></tr>"
        "</table></body></html>"
    )
    text = "\n".join(part.text for part in parts_of("성적.xls", page.encode("cp949")))
    assert "| 과목 | 학점 |" in text
    assert "| 자료구조 | 3 |" in text


def test_the_xml_of_old_excel_is_named() -> None:
    xml = (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
    )
    with pytest.raises(ReadError, match="Excel 2003") as caught:
        read(Path("a.xls"), xml.encode())
    assert ".xlsx" in caught.value.hint


# --------------------------------------------------------------------------- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_the_delimiter_and_the_encoding_are_found(delimiter: str, encoding: str) -> None:
    rows = [["날짜", "항목", "금액"], ["2026-03-02", "교재", "1.5"], ["2026-03-03", "점심", "2.5"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert parts_of("가계부.csv", text.encode(encoding)) == [
        Part(
            "| 날짜 | 항목 | 금액 |\n| --- | --- | --- |\n"
            "| 2026-03-02 | 교재 | 1.5 |\n| 2026-03-03 | 점심 | 2.5 |",
            Place(first_row=1, last_row=3),
        )
    ]


def test_quoted_cells_with_breaks_and_delimiters() -> None:
    text = 'term,meaning\n"gradient, descent","goes\r\ndownhill ""slowly"""\n\n키,값\n'
    parts = parts_of("a.csv", text.encode())
    assert parts[0].text.split("\n")[2:] == [
        '| gradient, descent | goes downhill "slowly" |',
        "| 키 | 값 |",
    ]
    assert (parts[0].place.first_row, parts[0].place.last_row) == (1, 4)
    assert parts[0].place.label == "rows 1–4"


def test_the_delimiter_may_be_stated() -> None:
    parts = parts_of("a.csv", b"sep=;\na;b,c\n1;2,5\n")
    assert parts[0].text == "| a | b,c |\n| --- | --- |\n| 1 | 2,5 |"
    assert parts[0].place == Place(first_row=2, last_row=3)


def test_a_stray_quote_does_not_swallow_the_rest() -> None:
    lines = ["이름,키", '김,"180', *(f"학생{n},{n}" for n in range(20_000))]
    parts = parts_of("a.csv", "\n".join(lines).encode())
    assert parts[-1].place.last_row == 20_002


def test_one_column_is_no_table() -> None:
    assert parts_of("a.csv", "단어\n임베딩\n벡터\n".encode()) == [
        Part("단어\n임베딩\n벡터", Place(first_row=1, last_row=3))
    ]


def test_a_header_without_rows() -> None:
    assert parts_of("a.tsv", b"name\tscore\n") == [
        Part("| name | score |", Place(first_row=1, last_row=1))
    ]


def test_a_row_longer_than_any_of_a_spreadsheet_is_refused() -> None:
    assert parts_of("a.csv", ("가," * 16_000 + "\n나\n").encode())
    with pytest.raises(ReadError, match=r"a\.csv has rows of more than") as caught:
        read(Path("a.csv"), ("가," * 17_000).encode())
    assert ".txt" in caught.value.hint


def test_a_csv_of_fifty_thousand_rows_takes_seconds() -> None:
    text = "번호,이름,점수\n" + "".join(f"{n},학생{n},{n % 100}\n" for n in range(50_000))
    begin = time.perf_counter()
    parts = parts_of("a.csv", text.encode())
    assert time.perf_counter() - begin < 30
    assert parts[-1].place.last_row == 50_001


# --------------------------------------------------------------------------- broken files

VALID: dict[str, Callable[[], bytes]] = {
    "a.docx": lambda: saved(lecture()),
    "a.pptx": lambda: saved(deck()),
    "a.xlsx": grades,
    "a.ods": lambda: ods([["항목", "금액"], ["책", "12000"]]),
    "a.xls": lambda: xls([["이름", "점수"], ["김철수", 90.0]]),
    "a.csv": lambda: '이름,점수\n"김",90\n'.encode("cp949"),
}


def complaint(name: str, data: bytes) -> str:
    """What is said of a file that is not read, "" of one that is."""
    try:
        read(Path(name), data)
    except AssistantError as error:
        return error.message
    return ""


PACKAGES = ["a.docx", "a.pptx", "a.xlsx", "a.ods"]


@pytest.mark.parametrize("name", PACKAGES)
def test_broken_packages(name: str) -> None:
    data = VALID[name]()
    noise = random.Random(1).randbytes(5_000)
    for bad in (
        data[: len(data) // 2],
        noise,
        zipped({}),
        b"",
        data[:4] + noise,
        zipped({"a": "b"}),
    ):
        with pytest.raises(ReadError, match=r"^a\."):
            read(Path(name), bad)


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_with_missing_or_broken_members(name: str) -> None:
    data = VALID[name]()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.namelist()
    for member in members:
        for change in (lambda _: None, lambda _: b"", lambda xml: xml[: len(xml) // 2]):
            assert "Error(" not in complaint(name, with_member(data, member, change)), member


@pytest.mark.parametrize("name", VALID)
def test_mutated_files_raise_nothing_of_a_library(name: str) -> None:
    data = VALID[name]()
    chance = random.Random(7)
    for _ in range(200):
        mutated = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        message = complaint(name, bytes(mutated))
        assert not message or name in message


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.xls"])
def test_a_password_is_named(name: str) -> None:
    data = container("EncryptedPackage", b"\1" * 5_000)
    with pytest.raises(ReadError, match=f"{name} is locked by a password") as caught:
        read(Path(name), data)
    assert "without the password" in caught.value.hint


@pytest.mark.parametrize("name", ["a.docx", "a.pptx"])
def test_an_old_file_under_a_new_name(name: str) -> None:
    with pytest.raises(ReadError, match=r"old format under a new name") as caught:
        read(Path(name), container("WordDocument", b"\1" * 5_000))
    assert name[1:] in caught.value.hint


def test_entities_of_a_package_are_not_expanded() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "{}">{}]>'.format(
        "x" * 100,
        "".join(f'<!ENTITY {b} "{f"&{a};" * 50}">' for a, b in zip("abcde", "bcdef", strict=True)),
    )

    def change(xml: bytes) -> bytes:
        _, _, rest = xml.partition(b"?>")
        return bomb.encode() + rest.replace(b"Measured twice.", b"&f;")

    data = with_member(saved(lecture()), "word/document.xml", change)
    try:
        parts = parts_of("a.docx", data)
    except ReadError:
        return
    assert sum(len(part.text) for part in parts) < 10_000
