"""What an answer was asked as, and what its prompt held, as lines for people."""

from __future__ import annotations

from pathlib import Path

from assistant.display import count, plain, plain_path
from assistant.types import Answer, ContextUse, Omitted, Summarising


def standalone(question: str) -> str:
    """The question that was searched for, where the conversation made it another."""
    return f"→ {plain(question)}" if question else ""


def omitted(result: Answer) -> str:
    """What did not fit the prompt, by name; empty where all did."""
    if result.omitted:
        return f"did not fit the prompt: {'; '.join(map(_name, result.omitted))}"
    if result.left_out:  # stored before names were
        return f"{count(result.left_out, 'more passage')} did not fit the prompt"
    return ""


def _name(left: Omitted) -> str:
    if left.what == "conversation":
        return "the question before"
    name = plain_path(left.path, Path.cwd())
    place = f" · {plain(left.place.label)}" if left.place.label else ""
    return f"the end of {name}{place}" if left.what == "end of passage" else f"{name}{place}"


def use(context: ContextUse) -> str:
    """Tokens of the prompt by part, and what room there was; empty where there was no prompt."""
    if not context.budget:
        return ""
    parts = (
        ("instructions", context.system),
        ("conversation", context.conversation),
        ("sources", context.sources),
        ("question", context.question),
    )
    told = ", ".join(f"{name} {tokens:,}" for name, tokens in parts)
    return (
        f"prompt {context.prompt:,} of {context.budget:,} tokens: {told};"
        f" answer up to {context.answer:,}"
    )


THINKING = "the model is thinking before it answers"


def progress(step: Summarising) -> str:
    """Which step of a summary begins, and how many there are."""
    what = plain(step.part) or "putting it together"
    return f"summarising {step.done + 1} of {step.total}: {what}"
