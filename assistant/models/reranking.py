"""A question and a passage read together, by any model that is a cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from assistant.config import Settings
from assistant.errors import ModelError, ModelLoadError, ModelMissing
from assistant.models.device import Device, choose_device, prepare_environment, quiet_libraries
from assistant.models.loading import ONE_AT_A_TIME
from assistant.models.reference import kind
from assistant.models.weights import Progress, silent
from assistant.models.wording import first_line
from assistant.protocols import Reranker, Scores
from assistant.types import Check, ModelProgress, ModelState

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_MAX_TOKENS = 512  # of question and passage: every model takes them, and a node is no longer

# Pairs of a batch. A CPU gains nothing from more and loses to padding; a GPU has to be filled.
_BATCH_CPU = 4
_BATCH_GPU = 32


class CrossReranker:
    """A :class:`~assistant.protocols.Reranker`. Threads that share it take turns."""

    def __init__(
        self, location: str, device: Device, *, name: str, local_files_only: bool = True
    ) -> None:
        """Load from a folder or a hub id.

        Raises:
            ModelLoadError: sentence-transformers cannot load it, or it does not give one score.
        """
        from sentence_transformers import CrossEncoder

        quiet_libraries()
        hint = "check retrieval.reranker: it has to be a cross-encoder, such as a bge-reranker"
        try:
            with ONE_AT_A_TIME:
                self._model = CrossEncoder(
                    location,
                    device=device.name,
                    local_files_only=local_files_only,
                    trust_remote_code=False,
                    max_length=_MAX_TOKENS,
                    model_kwargs={"dtype": device.torch_dtype},
                ).eval()
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelLoadError(
                f"the reranker {name} cannot be loaded: {first_line(error)}", hint
            ) from error
        if not _has_head(self._model):
            raise ModelLoadError(f"{name} is no cross-encoder: it has no weights for a score", hint)
        if self._model.num_labels != 1:
            raise ModelLoadError(
                f"{name} gives {self._model.num_labels} numbers for a pair, a reranker one", hint
            )
        self.name = name
        self.device = device.name
        self._batch = _BATCH_CPU if device.name == "cpu" else _BATCH_GPU
        self._lock = Lock()

    def rank(self, query: str, documents: Sequence[str]) -> Scores:
        import numpy as np  # not for the list of models

        if not documents:
            return np.zeros(0, dtype=np.float32)
        from torch.nn import Identity

        try:
            with self._lock:
                # As it comes: a sigmoid would make equals of all that is far above or below.
                scores = self._model.predict(
                    [(query, document) for document in documents],
                    batch_size=self._batch,
                    show_progress_bar=False,
                    activation_fn=Identity(),
                )
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelError(
                f"the reranker {self.name} failed: {first_line(error)}",
                "set retrieval.rerank_candidates lower, or take another retrieval.reranker",
            ) from error
        ranked: Scores = np.asarray(scores, dtype=np.float32).reshape(-1)
        if not np.isfinite(ranked).all():
            raise ModelError(
                f"the reranker {self.name} gave scores that are no numbers",
                'try models.dtype = "float32", or another retrieval.reranker',
            )
        return ranked


def _has_head(model: CrossEncoder) -> bool:
    """Whether the model was saved as one that scores.

    An embedding model loads too, and gets a head of random numbers.
    """
    named = getattr(getattr(model[0], "model", None), "config", None)
    architectures: Sequence[str] = getattr(named, "architectures", None) or ()
    scoring = ("ForSequenceClassification", "ForCausalLM")
    return not architectures or any(each.endswith(scoring) for each in architectures)


def load_reranker(settings: Settings, progress: Progress | None = None) -> Reranker:
    """The reranker that the settings name.

    Raises:
        ModelMissing: they name none, or nothing is there by that name.
        ModelLoadError: it cannot be loaded.
    """
    progress = progress or silent
    name = settings.retrieval.reranker
    meaning = kind(name) if name else "unknown"
    if meaning not in ("folder", "hub"):
        raise ModelMissing(
            f"retrieval.reranker is {name!r}: no folder, and no model of that name",
            "name a folder (./…) or a hub id (org/name), or leave it empty",
        )
    prepare_environment(settings)
    hub = meaning == "hub"
    location = name if hub else str(Path(name).expanduser())
    device = choose_device(settings)
    progress(ModelProgress(name, "loading", 0, 1))
    reranker = CrossReranker(
        location, device, name=name if hub else Path(location).name, local_files_only=not hub
    )
    progress(ModelProgress(name, "loading", 1, 1))
    return reranker


def list_reranker(settings: Settings) -> list[ModelState]:
    """The line of ``assistant models`` on the reranker, when the settings name one."""
    name = settings.retrieval.reranker
    if not name:
        return []
    meaning = kind(name)
    folder = Path(name).expanduser() if meaning == "folder" else None
    state = ModelState(
        name=name,
        task="reranking",
        source={"folder": "local folder", "hub": "model hub"}.get(meaning, "unknown"),
        revision="",
        licence="see the model's own",
        size=sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) if folder else 0,
        installed=folder is not None,
        converted=folder is not None,
        active=True,
        location=folder,
        hint="" if meaning in ("folder", "hub") else "no folder, and no model of that name",
    )
    return [state]


def describe_reranker(settings: Settings) -> Check:
    """``doctor``'s line on the reranker: whether there is one, and if not, why.

    One in a folder is loaded to find out; one on the hub is not fetched for that.
    """
    name = settings.retrieval.reranker
    if not name:
        return Check("reranker", "ok", "off: retrieval.reranker names none")
    if kind(name) == "hub":
        return Check("reranker", "ok", f"{name} from the model hub, loaded at the first question")
    try:
        reranker = load_reranker(settings)
    except ModelError as error:
        return Check("reranker", "warning", f"off: {error.message}", error.hint)
    return Check("reranker", "ok", f"{reranker.name} on {reranker.device}")
