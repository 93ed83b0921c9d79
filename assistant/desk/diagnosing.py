"""What ``assistant doctor`` looks at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import paths
from assistant.display import plain_path
from assistant.errors import ConfigError
from assistant.types import Check

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.desk.parts import Parts


def diagnose(parts: Parts) -> Iterator[Check]:
    """The lines of ``assistant doctor``, each as soon as it is known."""
    words = _describe_dictionary(parts.settings)
    yield words
    if words.level == "error":
        return  # no library can be opened
    from assistant.ingestion.readers import ocr
    from assistant.library.vectors import describe_faiss
    from assistant.models.connecting import describe_endpoint
    from assistant.models.device import describe_device
    from assistant.models.reranking import describe_reranker
    from assistant.models.states import FETCHED, HUB, describe_models

    faults = parts.library.check()
    yield Check(
        "library is whole",
        "error" if faults else "ok",
        "; ".join(faults) or "text, words and vectors agree",
        "move the library away and ingest your notes again, or restore a backup",
    )
    yield from _describe_encoder(parts)
    missing = ocr.available()
    detail = f"{missing} is missing" if missing else "scans and pictures are read"
    yield Check("OCR", "warning" if missing else "ok", detail, ocr.INSTALL)
    yield from describe_device(parts.settings)
    yield from describe_faiss()
    for model in describe_models(parts.settings):
        if model.task == "reranking" or not (model.active or model.installed):
            continue
        if model.endpoint:
            yield from describe_endpoint(parts.settings.models)
            continue
        ready = "ready" if model.converted else "is prepared at first use"
        if model.source == HUB:
            ready = FETCHED
        there = model.installed or model.converted or model.source == HUB
        yield Check(
            f"model {model.name}",
            "ok" if there else "error",
            ready if there else "weights are not installed",
            model.hint,
        )
    yield describe_reranker(parts.settings)


def _describe_encoder(parts: Parts) -> Iterator[Check]:
    """Whether the library is of the embedding model that is set, and refusals are fitted to it."""
    from assistant.query.calibration import fitted_to

    wanted, made_by = parts.settings.models.embedding, parts.library.embedding_model
    if made_by and made_by not in (wanted, Path(wanted).name):
        yield Check(
            "embedding model",
            "error",
            f"the library was embedded by {made_by}, models.embedding is {wanted}",
            f"`assistant models use {made_by}` goes on with it; or set `library` to a new folder"
            " and ingest there",
        )
    detail = f"fitted to {wanted}"
    if not fitted_to(wanted):
        detail = f"not fitted to {wanted}: where words can match, they alone decide"
    yield Check("refusals", "ok", detail)


def _describe_dictionary(settings: Settings) -> Check:
    from assistant.library import dictionary

    try:
        words = dictionary.read(settings.retrieval.dictionary)
    except ConfigError as error:
        return Check("dictionary", "error", error.message, error.hint)
    detail = f"{len(words):,} words of yours are kept whole" if words else "no words of yours"
    file = settings.retrieval.dictionary or paths.dictionary_file()
    return Check("dictionary", "ok", f"{detail} ({plain_path(file)})")
