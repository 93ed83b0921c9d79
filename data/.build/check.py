"""Check the sample notes and ``questions.jsonl`` against each other.

Usage (from the repository root, needs pypdfium2)::

    python data/.build/check.py

Errors (counts, fields, missing files, passages that do not occur) make the exit status 1.
Warnings point at facts of which no alternative is found in the passage or near it.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

DATA = Path(__file__).resolve().parent.parent
QUESTIONS = DATA / "questions.jsonl"
SUFFIXES = {".md", ".txt", ".pdf", ".ipynb"}
FIELDS = {
    "id",
    "language",
    "question",
    "answerable",
    "cross_lingual",
    "path",
    "passage",
    "facts",
}
MINIMUM = {
    "documents": 16,
    "questions": 66,
    "ko": 42,
    "en": 22,
    "cross_lingual": 12,
    "unanswerable": 12,
    "unanswerable ko": 8,
    "unanswerable en": 4,
}
NEARBY = 400
MAX_PASSAGE = 300
MAX_PDF_BYTES = 300_000

Question = dict[str, Any]


def collapse(text: str) -> str:
    """Replace every run of whitespace by one space."""
    return re.sub(r"\s+", " ", text).strip()


def joined(value: str | list[str]) -> str:
    """Return a notebook text field, which may be a string or a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def notebook_text(path: Path) -> str:
    """Return the cell sources and text outputs of a notebook."""
    parts: list[str] = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        parts.append(joined(cell["source"]))
        for output in cell.get("outputs", []):
            if "text" in output:
                parts.append(joined(output["text"]))
            elif "text/plain" in output.get("data", {}):
                parts.append(joined(output["data"]["text/plain"]))
    return "\n".join(parts)


def pdf_text(path: Path) -> str:
    """Return the text of all pages of a PDF."""
    document = pdfium.PdfDocument(path)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return "\n".join(pages)


@cache
def extracted(path: Path) -> str:
    """Return the whitespace-collapsed text of one document."""
    if path.suffix == ".pdf":
        return collapse(pdf_text(path))
    if path.suffix == ".ipynb":
        return collapse(notebook_text(path))
    return collapse(path.read_text(encoding="utf-8"))


def documents() -> list[Path]:
    """Return the notes, without hidden folders and the question file."""
    return sorted(
        path
        for path in DATA.rglob("*")
        if path.suffix in SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(DATA).parts)
    )


def passage_errors(label: str, path: str, passage: str) -> list[str]:
    """Check that ``passage`` is a collapsed, short, verbatim part of the document ``path``."""
    target = DATA / path
    if not target.is_file():
        return [f"{label}: no such file: {path}"]
    errors = []
    if passage != collapse(passage):
        errors.append(f"{label}: whitespace in the passage is not collapsed")
    if len(passage) > MAX_PASSAGE:
        errors.append(f"{label}: passage has {len(passage)} characters")
    if passage not in extracted(target):
        errors.append(f"{label}: passage does not occur in {path}: {passage}")
    return errors


def question_errors(question: Question) -> list[str]:
    """Check the fields of one question and its passages."""
    label = str(question.get("id", "?"))
    if set(question) - {"also"} != FIELDS:
        return [f"{label}: wrong fields {sorted(question)}"]
    errors = []
    if question["language"] not in ("ko", "en") or not label.startswith(question["language"]):
        errors.append(f"{label}: language and id do not fit")
    if not question["answerable"]:
        empty = question["path"] is None and question["passage"] is None
        if not empty or question["facts"] or question["cross_lingual"] or "also" in question:
            errors.append(f"{label}: an unanswerable question must hold no answer")
        return errors
    if not question["facts"] or not all(fact and all(fact) for fact in question["facts"]):
        errors.append(f"{label}: empty fact")
    errors += passage_errors(label, question["path"], question["passage"])
    for other in question.get("also", []):
        if set(other) != {"path", "passage"}:
            errors.append(f"{label}: wrong fields in also")
            continue
        errors += passage_errors(f"{label} also", other["path"], other["passage"])
    return errors


def fact_warnings(question: Question) -> list[str]:
    """Warn about facts found neither in the passages nor in the text around them."""
    passages = [(question["path"], question["passage"])]
    passages += [(other["path"], other["passage"]) for other in question.get("also", [])]
    near = ""
    for path, passage in passages:
        text = extracted(DATA / path)
        start = max(text.find(passage), 0)
        near += text[max(start - NEARBY, 0) : start + len(passage) + NEARBY].casefold() + "\n"
    exact = "\n".join(passage for _, passage in passages).casefold()
    warnings = []
    for fact in question["facts"]:
        alternatives = [alternative.casefold() for alternative in fact]
        if any(alternative in exact for alternative in alternatives):
            continue
        where = "only near" if any(a in near for a in alternatives) else "not even near"
        warnings.append(f"{question['id']}: {fact} occurs {where} the passages")
    return warnings


def document_errors(paths: list[Path]) -> list[str]:
    """Check names, encodings and sizes of the notes."""
    errors = []
    for path in paths:
        name = str(path.relative_to(DATA))
        if name != unicodedata.normalize("NFC", name):
            errors.append(f"{name}: file name is not NFC")
        if extracted(path) != unicodedata.normalize("NFC", extracted(path)):
            errors.append(f"{name}: text is not NFC")
        if path.suffix == ".pdf" and path.stat().st_size > MAX_PDF_BYTES:
            errors.append(f"{name}: larger than {MAX_PDF_BYTES} bytes")
    return errors


def count(questions: list[Question], paths: list[Path]) -> Counter[str]:
    """Count documents and questions by kind."""
    counts: Counter[str] = Counter({"documents": len(paths), "questions": len(questions)})
    for question in questions:
        language = question["language"]
        counts[language] += 1
        if not question["answerable"]:
            counts["unanswerable"] += 1
            counts[f"unanswerable {language}"] += 1
        if question["cross_lingual"]:
            counts["cross_lingual"] += 1
            counts[f"cross_lingual {language}"] += 1
        if question.get("also"):
            counts["with also"] += 1
    return counts


def main() -> int:
    """Run all checks, print a summary and return the exit status."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions: list[Question] = [json.loads(line) for line in lines if line.strip()]
    paths = documents()
    errors = document_errors(paths)
    for field in ("id", "question"):
        repeated = Counter(str(question[field]) for question in questions)
        errors += [f"repeated {field}: {value}" for value, times in repeated.items() if times > 1]
    for question in questions:
        errors += question_errors(question)

    counts = count(questions, paths)
    for kind, least in MINIMUM.items():
        if counts[kind] < least:
            errors.append(f"{kind}: {counts[kind]}, at least {least} wanted")
    uses = Counter(question["path"] for question in questions if question["answerable"])
    for path in paths:
        if not uses[str(path.relative_to(DATA))]:
            errors.append(f"no question about {path.relative_to(DATA)}")

    if not errors:
        for question in questions:
            if question["answerable"]:
                for warning in fact_warnings(question):
                    print("warning:", warning)
    for error in errors:
        print("error:", error)
    for path in paths:
        name = str(path.relative_to(DATA))
        print(f"{uses[name]:3d} questions  {len(extracted(path)):5d} characters  {name}")
    print(", ".join(f"{kind}: {number}" for kind, number in counts.items()))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
