"""Web pages, exports of Notion and Confluence, web archives and EPUB books."""

from __future__ import annotations

import io
import random
import time
import unicodedata
import zipfile
from contextlib import suppress
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from assistant.errors import AssistantError, EmptyFile, ReadError
from assistant.ingestion.readers import read
from assistant.types import Part, Place


def page(body: str, *, head: str = "", name: str = "a.html") -> list[Part]:
    html = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return list(read(Path(name), html.encode()).parts)


def text(body: str) -> str:
    return "\n\n".join(part.text for part in page(body))


PROSE = "<p>" + "어텐션은 질의와 열쇠의 유사도로 값을 가중한다. " * 8 + "</p>"

# --------------------------------------------------------------------------- structure


def test_headings_make_the_path() -> None:
    assert page("<p>앞</p><h1>가</h1><p>나</p><h3>다<b>라</b></h3><p>마</p><h2>바</h2>사") == [
        Part("앞", Place()),
        Part("가\n\n나", Place(headings=("가",))),
        Part("다라\n\n마", Place(headings=("가", "다라"))),
        Part("바\n\n사", Place(headings=("가", "바"))),
    ]


def test_white_space_is_that_of_a_browser() -> None:
    assert text("<p>한 \n\n <b>줄</b>이다.<br>둘째\n줄</p><div>셋<span>째</span></div>") == (
        "한 줄이다.\n둘째 줄\n\n셋째"
    )


def test_lists_keep_marks_and_depth() -> None:
    body = (
        "<ul><li>가<ol start=3><li>나</li><li><p>다</p><p>라</p></li></ol></li>"
        "<li><input type=checkbox checked>마</li></ul><dl><dt>용어</dt><dd>뜻</dd></dl><p>바</p>"
    )
    assert text(body) == ("- 가\n  3. 나\n  4. 다\n    라\n- [x] 마\n- 용어\n  뜻\n\n바")


def test_tables_are_pipe_tables() -> None:
    body = (
        "<table><caption>표 1</caption><thead><tr><th>가</th><th>나</th></tr></thead>"
        "<tbody><tr><td rowspan=2>1</td><td>a|b<br>c</td></tr><tr><td><ul><li>x</ul></td></tr>"
        "<tr><td colspan=2>끝</td></tr></tbody></table>"
    )
    assert text(body) == (
        "표 1\n\n| 가 | 나 |\n| --- | --- |\n| 1 | a\\|b c |\n| 1 | x |\n| 끝 |  |"
    )


def test_a_table_of_properties_is_a_list() -> None:
    body = (
        "<table><tr><th>과목</th><td>운영체제</td></tr><tr><th>날짜</th><td>3월</td></tr></table>"
    )
    assert text(body) == "- 과목: 운영체제\n- 날짜: 3월"


def test_a_table_that_lays_out_a_page_is_read_through() -> None:
    inner = "<table><tr><td>가<td>나<tr><td>1<td>2</table>"
    assert text(f"<table><tr><td><h2>제목</h2><p>글</p></td><td>{inner}</td></tr></table>") == (
        "제목\n\n글\n\n| 가 | 나 |\n| --- | --- |\n| 1 | 2 |"
    )


def test_a_long_table_is_cut_under_its_header() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>{n}번째 실험 결과를 적는다</td></tr>" for n in range(80))
    parts = page(f"<h1>실험</h1><table><tr><th>번호</th><th>내용</th></tr>{rows}</table>")
    head = "| 번호 | 내용 |\n| --- | --- |\n"
    assert len(parts) > 3
    assert parts[0].text.startswith(f"실험\n\n{head}| 0 |")
    assert all(part.text.startswith(head) for part in parts[1:])
    assert all(part.place == Place(headings=("실험",)) for part in parts)
    assert sum(part.text.count("번째") for part in parts) == 80


def test_code_is_fenced_as_it_stands() -> None:
    body = (
        '<pre><code class="hljs language-Python">def f(x):\n    <b>return</b> x &lt; 1\n\n'
        "f(2)\n</code></pre><pre>```\na<br>b</pre><p>인라인 <code>x  = 1</code></p>"
    )
    assert text(body) == (
        "```python\ndef f(x):\n    return x < 1\n\nf(2)\n```\n\n````\n```\na\nb\n````\n\n"
        "인라인 `x = 1`"
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<span class="katex"><span class="katex-mathml"><math><semantics><mi>E</mi><annotation'
            ' encoding="application/x-tex">E=mc^2</annotation></semantics></math></span>'
            '<span class="katex-html" aria-hidden="true">E=mc2</span></span>',
            "식 $E=mc^2$ 이다",
        ),
        (
            '<span class="MathJax_Preview">x</span><span class="MathJax">x²</span>'
            '<script type="math/tex">x^2</script>',
            "식 $x^2$ 이다",
        ),
        (
            '<span class="mwe-math-element"><span style="display:none"><math alttext="{a}">'
            '<mi>a</mi></math></span><img alt="{a}"></span>',
            "식 ${a}$ 이다",
        ),
        ("10<sup>5</sup>", "식 10^5 이다"),
        ('값<sup><a href="#fn1">[1]</a></sup>', "식 값[^1] 이다"),
    ],
)
def test_formulas_are_what_their_author_wrote(html: str, expected: str) -> None:
    assert text(f"<p>식 {html} 이다</p>") == expected


def test_pictures_give_their_description() -> None:
    body = '<p><img src=a alt="상태 전이도"> <img alt="IMG_1.png"> <img alt="image"></p>'
    assert text(body) == "상태 전이도"


def test_what_is_never_text() -> None:
    body = (
        "<p>보인다</p><script>x</script><style>x</style><template>x</template><svg><text>x</text>"
        "</svg><noscript>x</noscript><iframe>x</iframe><p hidden>x</p><p style='DISPLAY : none'>x"
        "</p><button>x</button><!-- x --><select><option>x</select>"
    )
    assert text(body) == "보인다"


def test_text_is_clean() -> None:
    assert text(
        "<p>" + unicodedata.normalize("NFD", "한글") + "\u200b&#27;[31m빨강&nbsp;끝</p>"
    ) == ("한글빨강 끝")


# --------------------------------------------------------------------------- the main text


def test_a_saved_page_loses_its_furniture() -> None:
    links = "".join(f'<li><a href="/{n}">메뉴 {n}</a></li>' for n in range(9))
    body = (
        f"<header>사이트</header><nav>{links}</nav><aside>광고</aside>"
        f"<article><header><h1>어텐션</h1></header>{PROSE}<aside class='footnotes'>각주다.</aside>"
        f"</article><div class=related>다른 글</div><footer>저작권</footer>"
    )
    (part,) = page(body)
    assert part.place.headings == ("어텐션",)
    assert "각주다." in part.text
    for furniture in ("사이트", "메뉴", "광고", "다른 글", "저작권"):
        assert furniture not in part.text


def test_a_small_article_does_not_hide_the_page() -> None:
    body = f"<article><p>소개 한 줄.</p></article><div><h2>본문</h2>{PROSE}</div>"
    assert "소개" in text(body)
    assert "어텐션은" in text(body)


@pytest.mark.parametrize("tag", ["header", "footer", "aside", "nav", "div hidden=until-found"])
def test_the_main_text_is_never_furniture(tag: str) -> None:
    assert "어텐션은" in text(f"<p>앞</p><{tag}>{PROSE}</{tag.split()[0]}>")


def test_blocks_of_links_are_navigation_unless_links_are_all_there_is() -> None:
    links = "<div>" + "".join(f"<a href='/{n}'>메뉴 {n}</a> " for n in range(9)) + "</div>"
    assert "메뉴" not in text(links + PROSE)
    assert "메뉴 8" in text(links)
    references = "".join(
        f"<li><a href='/{n}'>Vaswani et al. Attention is all you need, volume {n}</a></li>"
        for n in range(5)
    )
    assert "volume 4" in text(PROSE + f"<ul>{references}</ul>")


NOTION = """<html><head><meta charset="utf-8"/><title>운영체제 정리</title></head><body>
<article id="1" class="page sans"><header><div class="page-header-icon"><span class="icon">🧠</span>
</div><h1 class="page-title">운영체제 정리</h1><table class="properties"><tbody>
<tr class="property-row"><th><span class="icon property-icon"></span>과목</th><td>운영체제</td></tr>
</tbody></table></header><div class="page-body">
<nav class="table_of_contents"><a href="#a">프로세스</a></nav>
<h2 id="a">프로세스</h2><p>실행 중인 <strong>프로그램</strong>이다.</p>
<ul class="to-do-list"><li><div class="checkbox checkbox-on"></div> <span>3장</span></li></ul>
<ul class="to-do-list"><li><div class="checkbox checkbox-off"></div> <span>과제</span></li></ul>
<ol type="1" class="numbered-list" start="2"><li>둘째</li></ol>
<ul class="toggle"><li><details open=""><summary>왜?</summary><p>싸다.</p></details></li></ul>
<figure class="callout" style="display:flex"><div><span class="icon">💡</span></div>
<div style="width:100%">시험 <style>@import url('x')</style><span class="katex"><math><annotation
 encoding="application/x-tex">O(n)</annotation></math></span></div></figure>
<figure class="equation"><span class="katex-display"><span class="katex"><math><annotation
 encoding="application/x-tex">\\sum x</annotation></math></span></span></figure>
<details><summary style="font-weight:600;font-size:1.25em">스케줄링</summary><div class="indented">
<table class="simple-table"><tbody><tr><td>방식</td><td>선점</td></tr>
<tr><td>RR</td><td>예</td></tr>
</tbody></table></div></details></div></article></body></html>"""


def test_a_notion_export() -> None:
    reading = read(Path("운영체제 1a2b.html"), NOTION.encode())
    assert reading.title == "운영체제 정리"
    assert reading.parts == (
        Part("운영체제 정리\n\n- 과목: 운영체제", Place(headings=("운영체제 정리",))),
        Part(
            "프로세스\n\n실행 중인 프로그램이다.\n\n- [x] 3장\n- [ ] 과제\n2. 둘째\n- 왜?\n  싸다."
            "\n\n시험 $O(n)$\n\n$$\\sum x$$",
            Place(headings=("운영체제 정리", "프로세스")),
        ),
        Part(
            "스케줄링\n\n| 방식 | 선점 |\n| --- | --- |\n| RR | 예 |",
            Place(headings=("운영체제 정리", "프로세스", "스케줄링")),
        ),
    )


def test_a_confluence_export() -> None:
    body = (
        '<div id="page"><div id="main" class="aui-page-panel"><div id="main-header">'
        '<div id="breadcrumb-section"><ol id="breadcrumbs"><li><a href="i.html">팀 공간</a></li>'
        '</ol></div><h1 id="title-heading"><span id="title-text">팀 공간 : 배포 절차</span></h1>'
        '</div><div id="content"><div class="page-metadata">Created by 김</div>'
        '<div id="main-content" class="wiki-content group"><h1>순서</h1><p>태그를 단다.</p></div>'
        '<div class="pageSection"><h2 id="attachments">Attachments</h2></div></div></div></div>'
    )
    html = f"<html><head><title>팀 공간 : 배포 절차</title></head><body>{body}</body></html>"
    reading = read(Path("1.html"), html.encode())
    assert reading.title == "팀 공간 : 배포 절차"
    assert reading.parts == (Part("순서\n\n태그를 단다.", Place(headings=("순서",))),)


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title> 어텐션 - 위키백과 </title>", "<h1>어텐션</h1>", "어텐션"),
        ("<title>강의 노트</title>", "<h1>1강</h1><h1>2강</h1>", "강의 노트"),
        ("", "<h1>첫 제목</h1>", "첫 제목"),
        ("", "<p>제목이 없다</p>", "a"),
    ],
)
def test_titles(head: str, body: str, title: str) -> None:
    html = f"<head>{head}</head><body>{body}글</body>"
    assert read(Path("a.html"), html.encode()).title == title


# --------------------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<meta http-equiv="Content-Type" content="text/html; charset=euc-kr">', "cp949"),
        ("<meta charset='ks_c_5601-1987'>", "cp949"),
        ("<meta charset=utf-8>", "utf-8"),
        ("<meta charset=utf-8>", "cp949"),  # saved anew by an old editor
        ("<meta charset=euc-kr>", "utf-8"),
        ("<meta charset=iso-8859-1>", "cp949"),
        ("", "cp949"),
        ("", "utf-16"),
        ("", "utf-8-sig"),
        ("<meta charset=rot13>", "utf-8"),
    ],
)
def test_encodings(declaration: str, encoding: str) -> None:
    html = f"<html><head>{declaration}</head><body><p>펲시맨은 한국어 문서를 읽는다.</p></body>"
    (part,) = read(Path("옛 글.htm"), html.encode(encoding)).parts
    assert part.text == "펲시맨은 한국어 문서를 읽는다."


def test_other_languages_by_their_declaration() -> None:
    html = "<meta charset=shift_jis><p>日本語の文章です。</p>"
    (part,) = read(Path("a.html"), html.encode("shift_jis")).parts
    assert part.text == "日本語の文章です。"


def test_a_web_archive() -> None:
    archive = MIMEMultipart("related")
    archive.attach(MIMEText("<h1>저장한 글</h1><p>본문이다.</p>", "html", "utf-8"))
    archive.attach(MIMEText("x{}", "css", "utf-8"))
    data = b"From: <Saved by Blink>\r\n" + archive.as_bytes()
    for name in ("글.mhtml", "글.mht", "글.html"):
        (part,) = read(Path(name), data).parts
        assert part == Part("저장한 글\n\n본문이다.", Place(headings=("저장한 글",)))
    with pytest.raises(ReadError, match="without a page"):
        read(Path("글.mhtml"), b"MIME-Version: 1.0\nContent-Type: text/css\n\nx{}")


def test_xhtml_closes_empty_elements() -> None:
    html = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        '<title/><script src="a.js"/></head><body><a id="x"/><p>본문이다.<br/>끝</p></body></html>'
    )
    assert read(Path("a.xhtml"), html.encode()).parts == (Part("본문이다.\n끝", Place()),)


# --------------------------------------------------------------------------- EPUB

_PUBLICATION = 'xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_OPS = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def chapter(body: str) -> str:
    return f'<?xml version="1.0"?><html {_OPS}><head><title/></head><body>{body}</body></html>'


CHAPTERS = {
    "b.xhtml": chapter("<h1>빛</h1><p>빛은 파동이다.</p><h2>간섭</h2><p>겹친다.</p>"),
    "a 1.xhtml": chapter("<p>책을 열며.</p>"),
    "b2.xhtml": chapter("<p>빛은 입자다.</p>"),
    "c.xhtml": chapter("<h2>한계</h2><p>여기까지다.</p>"),
}
NAV = chapter(
    '<nav epub:type="landmarks"><ol><li><a href="c.xhtml">x</a></li></ol></nav>'
    '<nav epub:type="toc"><ol><li><a href="a%201.xhtml">머리말</a></li><li><span>1부</span><ol>'
    '<li><a href="b.xhtml">1장: 빛</a></li><li><a href="c.xhtml#x">맺음말</a></li></ol></li></ol>'
    "</nav>"
)
NCX = (
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>머리말'
    '</text></navLabel><content src="a%201.xhtml"/></navPoint><navPoint><navLabel><text>1부</text>'
    '</navLabel><content src="part.xhtml"/><navPoint><navLabel><text>1장: 빛</text></navLabel>'
    '<content src="b.xhtml"/></navPoint><navPoint><navLabel><text>맺음말</text></navLabel>'
    '<content src="c.xhtml#x"/></navPoint></navPoint></navMap></ncx>'
)


def epub(
    *, contents: str = "nav", encrypted: str = "", algorithm: str = "", package: str = ""
) -> bytes:
    items = "".join(
        f'<item id="i{n}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(CHAPTERS)
    )
    extra = {
        "nav": '<item id="n" href="n.xhtml" properties="nav" media-type="application/xhtml+xml"/>',
        "ncx": '<item id="n" href="n.ncx" media-type="application/x-dtbncx+xml"/>',
        "": "",
    }[contents]
    refs = "".join(f'<itemref idref="i{n}"/>' for n in (1, 0, 2, 3, 3))
    opf = package or (
        f"<package {_PUBLICATION}><metadata><dc:title>빛의 역사</dc:title></metadata>"
        f"<manifest>{extra}{items}</manifest><spine>{refs}</spine></package>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        archive.writestr("OEBPS/book.opf", opf)
        archive.writestr("OEBPS/n.xhtml", NAV)
        archive.writestr("OEBPS/n.ncx", NCX)
        for name, content in CHAPTERS.items():
            archive.writestr(f"OEBPS/{name}", content)
        if encrypted:
            archive.writestr(
                "META-INF/encryption.xml",
                '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
                f'<e:EncryptionMethod Algorithm="{algorithm}"/><e:CipherData><e:CipherReference '
                f'URI="{encrypted}"/></e:CipherData></e:EncryptedData></encryption>',
            )
    return file.getvalue()


@pytest.mark.parametrize("contents", ["nav", "ncx"])
def test_a_book_is_read_in_its_order_under_its_chapters(contents: str) -> None:
    reading = read(Path("책.epub"), epub(contents=contents))
    assert reading.title == "빛의 역사"
    assert reading.parts == (
        Part("책을 열며.", Place(headings=("머리말",))),
        Part("1장: 빛\n\n빛은 파동이다.", Place(headings=("1부", "1장: 빛"))),
        Part("간섭\n\n겹친다.", Place(headings=("1부", "1장: 빛", "간섭"))),
        Part("빛은 입자다.", Place(headings=("1부", "1장: 빛"))),
        Part("한계\n\n여기까지다.", Place(headings=("1부", "맺음말", "한계"))),
    )


def test_a_book_without_contents_has_its_own_headings() -> None:
    places = [part.place.headings for part in read(Path("a.epub"), epub(contents="")).parts]
    assert places == [(), ("빛",), ("빛", "간섭"), (), ("한계",)]


def test_a_locked_book_says_so() -> None:
    aes = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    with pytest.raises(ReadError, match=r"책\.epub is locked by DRM"):
        read(Path("책.epub"), epub(encrypted="OEBPS/a%201.xhtml", algorithm=aes))
    fonts = epub(encrypted="OEBPS/a.otf", algorithm="http://www.idpf.org/2008/embedding")
    assert read(Path("책.epub"), fonts).parts


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("비밀번호")
    package = (
        f'<!DOCTYPE p [<!ENTITY e SYSTEM "{secret.as_uri()}">]><package {_PUBLICATION}><metadata>'
        '<dc:title>책&e;</dc:title></metadata><manifest><item id="a" href="c.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine>'
        "</package>"
    )
    reading = read(Path("a.epub"), epub(package=package))
    assert "비밀" not in reading.title
    assert reading.parts


def test_one_missing_chapter_leaves_the_others() -> None:
    data = epub()
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if not name.endswith("b.xhtml"):
                new.writestr(name, old.read(name))
    texts = [part.text for part in read(Path("a.epub"), file.getvalue()).parts]
    assert texts == ["책을 열며.", "빛은 입자다.", "한계\n\n여기까지다."]


# --------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("책.epub", b""),
        ("책.epub", b"PK\x03\x04"),
        ("책.epub", epub()[:-40]),
        ("책.epub", "<p>책이 아니다</p>".encode()),
        ("책.epub", epub(package="no xml")),
        ("책.epub", epub(package=f"<package {_PUBLICATION}><manifest/></package>")),
        ("책.epub", random.Random(2).randbytes(3000)),
        ("책.html", b"<html><body><script>x</script></body></html>"),
        ("책.html", b""),
    ],
)
def test_what_is_none_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(ReadError, match=rf"책\.{name[2:]}"):
        read(Path(name), data)


def test_an_empty_page_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read(Path("a.html"), b"<p>&nbsp;</p>")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 300_000 + "x",
        "".join(f"<b id={n}><p>" for n in range(50_000)),
        "<table><tr><td>" * 20_000,
        "<ul><li>" * 20_000 + "x",
        "<table>" + "<tr><td colspan=9999 rowspan=9999>x" * 3_000,
        "<a href=x>" * 50_000 + "x",
        "<" * 1_000_000,
        "<!--" * 300_000,
        "<?xml " + "<a " * 300_000,
        "<svg><math>" * 5_000 + "x",
        "<meta charset=" * 100_000,
        "<dd><li>" * 100_000,
        "<dd><li>" * 9_000,
    ],
    ids=lambda html: html[:12],
)
def test_hostile_pages_end_soon(html: str) -> None:
    start = time.monotonic()
    with suppress(AssistantError):
        read(Path("a.html"), html.encode())
    assert time.monotonic() - start < 15


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "data"), [("a.html", NOTION.encode()), ("a.epub", epub())], ids=["html", "epub"]
)
def test_damage_never_ends_in_another_error(name: str, data: bytes) -> None:
    chance = random.Random(11)
    for _ in range(200):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        if chance.random() < 0.2:
            del broken[chance.randrange(len(broken)) :]
        with suppress(AssistantError):
            read(Path(name), bytes(broken))
