"""Which models answer and what the settings are, and whether all of that works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from assistant.desk.parts import Parts

if TYPE_CHECKING:
    from assistant.models.choosing import Choice
    from assistant.settings_file import Change
    from assistant.types import (
        Check,
        ModelOption,
        ModelState,
        Setting,
    )


class KeepsChoices(Parts):
    """The part of a desk that looks after models and settings."""

    def models(self) -> list[ModelState]:
        from assistant.models.reranking import list_reranker
        from assistant.models.states import describe_models

        return describe_models(self.settings) + list_reranker(self.settings)

    def language_models(self) -> list[ModelOption]:
        """What may be taken to write answers; an endpoint that was configured is asked for its.

        What was in use since the desk was made is among them.
        """
        from assistant.models.choosing import language_models

        return language_models(self.settings, tuple(self._used))

    def choose_model(
        self, name: str, task: Literal["embedding", "generation"] | None = None
    ) -> Choice:
        """What to set so that a model is used, which is looked for first; nothing changes.

        Raises:
            ModelError, ConfigError: there is no such model; the hint says what is like it.
        """
        from assistant.models.choosing import choose_model

        return choose_model(name, task, self.settings)

    def keep_model(self, choice: Choice) -> Change:
        """Write the choice into the settings file, for the next start.

        Raises:
            ConfigError: the file cannot be changed.
        """
        from assistant.settings_file import store

        return store("models", choice.task, choice.setting)

    def list_settings(self) -> list[Setting]:
        """Every setting with its value and what it means."""
        from assistant.settings_list import settings_list

        return settings_list(self.settings)

    def change_setting(self, key: str, text: str | None) -> Change:
        """Give ``section.name`` the value that ``text`` says, or its default for None.

        It is written to the settings file. What the next question can heed counts at once.

        Raises:
            ConfigError: there is no such setting, it cannot be that, or the file not be changed.
        """
        from assistant.settings_file import store
        from assistant.settings_list import changed

        after, value = changed(self.settings, key, text)
        section, _, name = key.partition(".")
        change = store(section, name, value)
        at_once = {each.key for each in self.list_settings() if each.at_once}
        if key in at_once and not change.overridden:
            # Of that section alone: another may have changed meanwhile.
            update = {section: getattr(after, section)}
            self.use_settings(replace(self.settings, **update))
        return change

    def diagnose(self) -> Iterator[Check]:
        """The lines of ``assistant doctor``, each as soon as it is known."""
        from assistant.desk.diagnosing import diagnose

        yield from diagnose(self)
