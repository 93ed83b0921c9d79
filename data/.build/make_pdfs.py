"""Write the PDF notes of this folder from the text below.

Usage (from the repository root, needs reportlab and the Nanum fonts)::

    python data/.build/make_pdfs.py

The output is byte-for-byte reproducible (``invariant=1``), so running the script again leaves
the committed files unchanged. Text only; the font is embedded as a subset.
"""

from __future__ import annotations

from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    Flowable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

DATA = Path(__file__).resolve().parent.parent
FONTS = Path("/usr/share/fonts/truetype/nanum")
REGULAR = "NanumGothic"
BOLD = "NanumGothicBold"

Block = tuple[str, str] | tuple[str, list[list[str]]]

QUANTISATION: list[Block] = [
    ("title", "양자화 강의자료"),
    ("p", "ALM 301 응용 언어모델 실습, 7주차. 2025년 4월 18일."),
    ("h", "1. 양자화란"),
    (
        "p",
        "양자화(quantization)는 모델의 가중치나 활성값을 더 적은 비트로 나타내어 메모리와 계산을 "
        "줄이는 방법이다. 파라미터의 개수는 그대로이고, 숫자 하나를 적는 데 쓰는 비트 수가 "
        "줄어든다.",
    ),
    (
        "p",
        "파라미터가 70억 개인 모델의 가중치는 fp16에서 약 14GB, int8에서 약 7GB, 4비트에서 약 "
        "3.5GB이다. 실제 사용량에는 KV 캐시와 활성값이 더해진다.",
    ),
    ("h", "2. 숫자 형식과 크기"),
    (
        "table",
        [
            ["형식", "비트", "파라미터당 바이트"],
            ["fp32", "32", "4"],
            ["fp16, bf16", "16", "2"],
            ["int8", "8", "1"],
            ["int4, NF4", "4", "0.5"],
        ],
    ),
    ("h", "3. 대칭 양자화와 비대칭 양자화"),
    (
        "p",
        "대칭 양자화는 0을 가운데에 두고 배율(scale) 하나만 저장한다. 비대칭 양자화는 배율과 함께 "
        "영점(zero-point)을 저장하여 한쪽으로 치우친 분포도 알뜰하게 담는다.",
    ),
    (
        "p",
        "배율을 텐서 전체에 하나만 두면 튀는 값 하나 때문에 나머지 값의 정밀도가 나빠진다. 그래서 "
        "채널마다 또는 블록마다 배율을 따로 둔다.",
    ),
    ("break", ""),
    ("title", "학습 후 양자화와 양자화 인지 학습"),
    ("h", "4. PTQ와 QAT"),
    (
        "p",
        "학습 후 양자화(PTQ)는 다 학습된 모델을 추가 학습 없이 바꾸는 방법이다. 양자화 인지 "
        "학습(QAT)은 학습하는 동안 반올림 오차를 흉내 내어 모델이 오차에 적응하게 한다. QAT가 "
        "대체로 더 정확하지만 학습 비용이 든다.",
    ),
    (
        "p",
        "반올림은 미분값이 거의 모든 곳에서 0이므로, QAT에서는 역전파할 때 반올림을 항등 함수로 "
        "여기는 straight-through estimator를 쓴다.",
    ),
    ("h", "5. 보정 데이터"),
    (
        "p",
        "활성값의 범위를 재려고 모델에 흘려 보내는 소량의 데이터를 보정 데이터(calibration "
        "data)라고 한다. 실습 7에서는 보정 데이터로 수업 말뭉치에서 뽑은 256문장을 쓴다.",
    ),
    ("h", "6. GPTQ와 AWQ"),
    (
        "p",
        "GPTQ는 층마다 2차 미분 정보(헤시안의 근사)를 이용해, 한 가중치를 반올림하며 생긴 오차를 "
        "아직 처리하지 않은 가중치로 보상한다.",
    ),
    (
        "p",
        "AWQ는 활성값이 큰 채널에 연결된 중요한 가중치를 찾아, 양자화하기 전에 배율을 키워 "
        "보호한다.",
    ),
    ("h", "7. LLM.int8()"),
    (
        "p",
        "큰 언어모델에는 유난히 값이 큰 이상치(outlier) 차원이 몇 개 있다. LLM.int8()은 크기가 "
        "6.0을 넘는 이상치 차원만 16비트로 계산하고 나머지는 8비트로 계산한다.",
    ),
    ("break", ""),
    ("title", "4비트와 QLoRA, 실습 측정값"),
    ("h", "8. NF4와 이중 양자화"),
    (
        "p",
        "NF4는 정규분포의 분위수에 맞추어 놓은 16개의 값으로 가중치를 나타내는 4비트 형식이다. "
        "학습된 가중치가 0 근처에 모인 정규분포와 비슷하기 때문에 같은 간격의 int4보다 오차가 "
        "작다.",
    ),
    (
        "p",
        "QLoRA는 가중치 64개를 한 블록으로 묶어 배율을 하나씩 둔다. 이중 양자화(double "
        "quantization)는 이 배율들까지 다시 양자화해서 파라미터당 약 0.37비트를 더 아낀다.",
    ),
    ("h", "9. 코드에서 쓰는 이름"),
    (
        "p",
        'bitsandbytes에서는 load_in_4bit=True, bnb_4bit_quant_type="nf4", '
        "bnb_4bit_compute_dtype=torch.bfloat16을 함께 준다. 저장은 4비트로 하지만 곱셈은 "
        "compute_dtype에 적은 형식으로 되돌려서 한다.",
    ),
    ("h", "10. 조교가 잰 값"),
    (
        "p",
        "아래 표는 2025년 4월 16일에 haneul-a1의 GPU 한 장에서 파라미터 72억 개짜리 모델로 잰 "
        "것이다.",
    ),
    (
        "table",
        [
            ["방식", "GPU 메모리", "초당 토큰", "퀴즈 정답률"],
            ["bf16", "15.1GB", "38", "71.5%"],
            ["int8", "8.4GB", "24", "71.2%"],
            ["NF4", "5.3GB", "31", "69.8%"],
        ],
    ),
    (
        "p",
        "int8이 bf16보다 느린 것은 이상치를 따로 계산하는 부담 때문이다. NF4는 메모리를 3분의 1 "
        "가까이로 줄였지만 퀴즈 정답률이 1.7%p 떨어졌다.",
    ),
    ("h", "11. GGUF"),
    (
        "p",
        "GGUF는 llama.cpp가 쓰는 파일 형식으로, 양자화한 가중치와 토크나이저와 설정을 파일 하나에 "
        "담는다. GPU가 없는 노트북에서는 이 형식을 권한다.",
    ),
]

RAG: list[Block] = [
    ("title", "RAG handbook"),
    (
        "p",
        "ALM 301 Applied Language Models, week 9. Edited by the teaching assistants, 2 May 2025.",
    ),
    ("h", "1. What RAG is"),
    (
        "p",
        "Retrieval-augmented generation (RAG) first searches a document collection for passages "
        "related to the question and then lets a language model answer from those passages. The "
        "model's weights stay unchanged; what changes is the text placed in its context.",
    ),
    (
        "p",
        "RAG suits facts that change often or that are private, because updating the collection "
        "is enough. Fine-tuning suits a change of style, format or skill.",
    ),
    ("h", "2. The pipeline"),
    (
        "p",
        "The offline part has four steps: load the files, split them into chunks, embed the "
        "chunks, and store the vectors in an index. The online part embeds the question, "
        "retrieves the best chunks, optionally re-ranks them, builds the prompt, and generates.",
    ),
    (
        "p",
        "Most wrong answers in student projects came from retrieval rather than from generation: "
        "in last year's error review the share was 64 percent.",
    ),
    ("break", ""),
    ("title", "Chunking"),
    ("h", "3. Size and overlap"),
    (
        "p",
        "A chunk that is too long dilutes its embedding and wastes the context window; a chunk "
        "that is too short loses the sentence that explains it. Lab 9 uses chunks of 350 tokens "
        "with an overlap of 50 tokens.",
    ),
    (
        "p",
        "Split at headings and paragraph ends first, and fall back to a fixed size only inside "
        "long sections. Put the title and the heading path at the top of every chunk, since a "
        'paragraph that says "it was raised to 40" is useless without its heading.',
    ),
    ("h", "4. Tables and code"),
    (
        "p",
        "Never cut a table between its header row and its body; repeat the header row in every "
        "chunk instead. Keep a code block together with the sentence that introduces it.",
    ),
    ("h", "5. Metadata"),
    (
        "p",
        "Store the file name, the page or heading, and the date with each chunk. The date lets "
        "the system prefer a revised note over the note which it replaces.",
    ),
    ("break", ""),
    ("title", "Retrieval"),
    ("h", "6. Sparse and dense"),
    (
        "p",
        "BM25 matches exact words and is strong on names, numbers and error codes. Dense "
        "retrieval compares embeddings and finds paraphrases and translations that share no "
        "words with the question.",
    ),
    ("h", "7. Hybrid search"),
    (
        "p",
        "Reciprocal rank fusion (RRF) adds 1 / (k + rank) over the result lists, and k = 60 is "
        "the usual constant. It needs only ranks, so the incomparable scores of BM25 and cosine "
        "similarity never have to be put on one scale.",
    ),
    (
        "table",
        [
            ["Retriever (Lab 9)", "recall@5", "MRR"],
            ["BM25", "0.71", "0.55"],
            ["Dense", "0.78", "0.61"],
            ["Hybrid with RRF", "0.86", "0.69"],
            ["Hybrid and re-ranker", "0.90", "0.77"],
        ],
    ),
    ("h", "8. Re-ranking"),
    (
        "p",
        "A bi-encoder embeds question and passage separately, so passages can be indexed in "
        "advance. A cross-encoder reads both together, which is more accurate but too slow for "
        "the whole collection, so it only re-orders the top candidates.",
    ),
    (
        "p",
        "In Lab 9 re-ranking the top 30 candidates added 140 ms per question on the CPU.",
    ),
    ("break", ""),
    ("title", "Generation and evaluation"),
    ("h", "9. Prompt rules"),
    (
        "p",
        "Tell the model to answer only from the numbered passages, to cite the numbers, and to "
        "say that the notes do not contain the answer when they do not. Place the most relevant "
        "passage first or last, because models tend to overlook the middle of a long context.",
    ),
    ("h", "10. Refusing"),
    (
        "p",
        "A good assistant refuses a question that the notes cannot answer. We report two numbers: "
        "the share of unanswerable questions that were refused, and the share of answerable "
        "questions that were refused by mistake. The course target is at least 0.85 for the first "
        "and at most 0.10 for the second.",
    ),
    ("h", "11. Retrieval metrics"),
    (
        "p",
        "Recall@k is the share of questions whose gold passage is among the first k results. MRR "
        "averages the reciprocal of the rank of the first correct passage, so a hit at rank 4 "
        "counts 0.25. nDCG also rewards putting the more relevant results higher.",
    ),
    ("h", "12. Faithfulness"),
    (
        "p",
        "An answer is faithful when every claim in it is supported by the retrieved passages. A "
        "faithful answer can still be wrong if the passage itself is outdated.",
    ),
]

PROJECT: list[Block] = [
    ("title", "최종 프로젝트 안내"),
    ("p", "ALM 301 응용 언어모델 실습, 2025년 1학기. 2025년 5월 9일 공지."),
    ("h", "1. 과제"),
    (
        "p",
        "자기 팀의 노트나 공개 문서를 이용해 질문에 출처와 함께 답하는 프로그램을 만든다. 팀은 세 "
        "명에서 다섯 명으로 짠다. 인터넷 없이 동작하는 것이 필수 조건이다.",
    ),
    ("h", "2. 일정"),
    (
        "table",
        [
            ["단계", "마감", "제출물"],
            ["제안서", "5월 16일", "2쪽 이내"],
            ["중간 점검", "5월 30일", "동작하는 검색"],
            ["최종 보고서", "6월 13일", "8쪽 이내와 코드"],
            ["발표", "6월 17일", "12분 발표와 질의 3분"],
        ],
    ),
    ("p", "모든 마감 시각은 그날 오후 6시이다. 최종 보고서에는 지각 제출을 받지 않는다."),
    ("h", "3. 쓸 수 있는 자원"),
    (
        "p",
        "프로젝트 기간에는 haneul-a1을 팀당 한 번에 GPU 한 장까지 쓸 수 있다. 예약은 수업 "
        "게시판에서 하루 전까지 한다.",
    ),
    ("break", ""),
    ("title", "평가 기준"),
    ("h", "4. 배점"),
    (
        "table",
        [
            ["항목", "배점"],
            ["검색 품질", "30점"],
            ["답변의 정확성과 출처", "30점"],
            ["코드와 재현성", "20점"],
            ["발표", "10점"],
            ["오류 분석", "10점"],
        ],
    ),
    (
        "p",
        "재현성은 채점자가 새 컴퓨터에서 명령 세 줄 안에 결과를 다시 만들 수 있는지로 판단한다.",
    ),
    ("h", "5. 평가용 질문"),
    (
        "p",
        "각 팀은 평가용 질문을 최소 60개 만든다. 그 가운데 10개 이상은 노트로 답할 수 없는 "
        "질문이어야 한다. 시스템을 고치는 데 쓴 질문과 최종 점수를 재는 질문은 나누어 둔다.",
    ),
    ("h", "6. 감점"),
    (
        "p",
        "출처가 실제 문장과 다르면 한 건마다 2점을 깎는다. 답할 수 없는 질문에 지어낸 답을 하면 한 "
        "건마다 1점을 깎는다. API 키가 저장소에 들어 있으면 5점을 깎는다.",
    ),
    ("h", "7. 작년 결과"),
    (
        "p",
        "2024년 2학기에는 11개 팀이 참가했고, 1등을 한 수달팀의 recall@5는 0.91이었다. 수달팀은 "
        "문서 제목을 조각마다 붙인 것이 가장 큰 도움이 되었다고 발표했다.",
    ),
    (
        "p",
        "가장 흔한 실패는 평가 질문을 노트 문장에서 그대로 베껴 와 점수가 실제보다 높게 나온 "
        "것이었다.",
    ),
    ("h", "8. 공지에 대한 질문"),
    (
        "p",
        "팀원이 중간에 수강을 취소하면 남은 사람이 두 명이어도 그대로 진행할 수 있다. 주제는 중간 "
        "점검 전까지 한 번 바꿀 수 있고, 바꿀 때에는 제안서를 다시 낸다.",
    ),
    (
        "p",
        "외부 API를 쓰는 팀도 발표장에서는 인터넷 없이 시연해야 하므로 로컬 모델을 함께 준비한다.",
    ),
]

DOCUMENTS: dict[str, tuple[str, list[Block], bool]] = {
    "03-training/양자화-강의자료.pdf": ("양자화 강의자료", QUANTISATION, True),
    "04-rag/rag-handbook.pdf": ("RAG handbook", RAG, False),
    "06-course/최종-프로젝트-안내.pdf": ("최종 프로젝트 안내", PROJECT, True),
}


def make_styles() -> dict[str, ParagraphStyle]:
    """Return the paragraph styles; lines break at spaces, in Korean too."""
    body = ParagraphStyle(
        "body", fontName=REGULAR, fontSize=10.5, leading=17, spaceAfter=6, alignment=TA_LEFT
    )
    return {
        "p": body,
        "cell": ParagraphStyle("cell", parent=body, spaceAfter=0, fontSize=10, leading=14),
        "title": ParagraphStyle(
            "title", parent=body, fontName=BOLD, fontSize=18, leading=26, spaceAfter=10
        ),
        "h": ParagraphStyle(
            "h", parent=body, fontName=BOLD, fontSize=12.5, leading=19, spaceBefore=8, spaceAfter=4
        ),
    }


def make_table(rows: list[list[str]]) -> Table:
    """Return a ruled table; its cells are plain strings, one line each."""
    table = Table(rows, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), REGULAR),
                ("FONTNAME", (0, 0), (-1, 0), BOLD),
                ("FONTSIZE", (0, 0), (-1, -1), 10),
                ("LEADING", (0, 0), (-1, -1), 14),
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ]
        )
    )
    return table


def make_story(blocks: list[Block]) -> list[Flowable]:
    """Turn the blocks of one document into platypus flowables."""
    styles = make_styles()
    story: list[Flowable] = []
    for kind, content in blocks:
        if kind == "break":
            story.append(PageBreak())
        elif isinstance(content, list):
            story += [Spacer(1, 2 * mm), make_table(content), Spacer(1, 3 * mm)]
        else:
            text = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            story.append(Paragraph(text, styles[kind]))
    return story


def main() -> None:
    """Write every PDF."""
    pdfmetrics.registerFont(TTFont(REGULAR, str(FONTS / "NanumGothic.ttf")))
    pdfmetrics.registerFont(TTFont(BOLD, str(FONTS / "NanumGothicBold.ttf")))
    for name, (title, blocks, korean) in DOCUMENTS.items():
        target = DATA / name
        document = SimpleDocTemplate(
            str(target),
            pagesize=A4,
            leftMargin=22 * mm,
            rightMargin=22 * mm,
            topMargin=20 * mm,
            bottomMargin=20 * mm,
            title=title,
            author="ALM 301",
            lang="ko" if korean else "en",
            invariant=1,
        )
        document.build(make_story(blocks))
        print(f"{name}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
