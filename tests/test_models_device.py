from __future__ import annotations

import os
from collections.abc import Callable

import psutil
import pytest

from assistant.config import ModelSettings, Settings
from assistant.errors import ModelLoadError
from assistant.models import device


def settings(**models: object) -> Settings:
    return Settings(models=ModelSettings(**models))  # type: ignore[arg-type]


@pytest.fixture
def hardware(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make the machine have what it is told."""
    import torch

    def have(*, cuda: bool = False, mps: bool = False, bf16: bool = False) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *_: bf16)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(device, "cpu_has_bf16", lambda: bf16)

    return have


@pytest.mark.parametrize(
    ("machine", "name", "dtype"),
    [
        ({"cuda": True, "bf16": True}, "cuda", "bfloat16"),
        ({"cuda": True}, "cuda", "float16"),
        ({"mps": True}, "mps", "float16"),
        ({"bf16": True}, "cpu", "bfloat16"),
        ({}, "cpu", "float32"),
    ],
)
def test_device_and_numbers_follow_the_machine(
    hardware: Callable[..., None], machine: dict[str, bool], name: str, dtype: str
) -> None:
    hardware(**machine)
    chosen = device.choose_device(settings())
    assert (chosen.name, chosen.dtype) == (name, dtype)


def test_the_settings_win(hardware: Callable[..., None]) -> None:
    hardware(cuda=True, bf16=True)
    chosen = device.choose_device(settings(device="cpu", dtype="float32", threads=1))
    assert chosen == device.Device("cpu", "float32", 1)


def test_a_device_that_is_not_there_is_told(hardware: Callable[..., None]) -> None:
    hardware()
    with pytest.raises(ModelLoadError, match="no cuda device") as raised:
        device.choose_device(settings(device="cuda"))
    assert "auto" in raised.value.hint
    checks = {check.name: check for check in device.describe_device(settings(device="cuda"))}
    assert checks["device"].level == "error"


def test_threads_are_cores_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: 16)
    if hasattr(os, "sched_getaffinity"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
        assert device.physical_cores() == 3
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: None)
    assert device.physical_cores() >= 1


def test_the_doctor_sees_slow_numbers_and_little_memory(
    hardware: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    hardware()
    monkeypatch.setattr(device, "free_memory", lambda *_: 1024**3)
    checks = {check.name: check for check in device.describe_device(settings())}
    assert checks["python"].level == "ok"
    assert checks["torch"].level == "ok"
    assert checks["numbers"].level == "warning"
    assert checks["numbers"].hint
    assert checks["memory"].level == "warning"
    assert "1.0 GiB free" in checks["memory"].detail


def test_what_the_user_set_in_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    device.prepare_environment(settings())
    assert os.environ["OMP_WAIT_POLICY"] == "active"
