"""What may be imported before something heavy is asked for, seen in a fresh interpreter."""

import subprocess
import sys

import pytest

HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "llama_index",
    "faiss",
    "kiwipiepy",
    "numpy",
}


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import assistant",
        "import assistant.types, assistant.errors, assistant.config",
        "import assistant.desk; assistant.desk.Desk(assistant.config.load())",
        "import assistant.cli.app",
        "import assistant.tui.app",
    ],
)
def test_nothing_heavy(code: str) -> None:
    assert not loaded_by(f"import assistant.config\n{code}") & HEAVY


def test_help_imports_nothing_heavy() -> None:
    code = (
        "sys.argv = ['assistant', '--help']\n"
        "from assistant.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert not loaded_by(code) & (HEAVY | {"textual"})
