"""What a reader pins and excludes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.tui.messages import PickKind
    from assistant.types import Pick, Scope


def toggled(scope: Scope, kind: PickKind, pick: Pick) -> Scope:
    """``scope`` with ``pick`` pinned or excluded, and not the other; without it if it was so."""
    pinned = tuple(each for each in scope.pinned if each != pick)
    excluded = tuple(each for each in scope.excluded if each != pick)
    if kind == "pinned" and pick not in scope.pinned:
        pinned += (pick,)
    elif kind == "excluded" and pick not in scope.excluded:
        excluded += (pick,)
    return replace(scope, pinned=pinned, excluded=excluded)
