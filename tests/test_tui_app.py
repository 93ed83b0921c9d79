"""The application itself: what it imports, its themes, its commands, its real desk."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.color import Color
from textual.command import CommandPalette

from assistant.config import Settings
from assistant.errors import AssistantError, FingerprintMismatch, LibraryCorrupt, ModelMissing
from assistant.tui import keymap, log_to, themes
from assistant.tui.cells import MUTED
from assistant.tui.commands import commands
from assistant.tui.screens.chats import ChatList
from assistant.tui.screens.report import LibraryReport
from assistant.tui.strings import EN, KO, S, Strings, choose, counted
from assistant.types import Chat
from tests.fakes import BagOfWordsEncoder, ScriptedGenerator, WordTokenizer
from tests.tui_desk import EMPTY, ScriptedDesk, app_of, screen_text, wait_until

WIDE = (120, 36)


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    program = """
        import asyncio, sys
        from assistant.config import load
        from assistant.desk import Desk
        from assistant.tui.app import AssistantApp
        from assistant.tui.widgets.status import StatusLine

        StatusLine.prepare = lambda self, desk: None

        async def main():
            app = AssistantApp(Desk(load()))
            async with app.run_test(size=(100, 30)) as pilot:
                await pilot.pause()
                assert app.chat.prompt.has_focus
            heavy = "torch transformers sentence_transformers llama_index faiss kiwipiepy numpy"
            heavy += " sqlite3 tokenizers pydantic markdown_it typer"
            heavy += " assistant.types.answers assistant.tui.screens.library"
            print([name for name in heavy.split() if name in sys.modules])

        asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "ASSISTANT_HOME": str(tmp_path)},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []


async def test_garbage_is_looked_for_again_after_the_first_paint() -> None:
    gc.disable()
    try:
        async with app_of(ScriptedDesk()).run_test(size=WIDE) as pilot:
            await wait_until(pilot, gc.isenabled)
    finally:
        gc.unfreeze()
        gc.enable()


async def test_the_state_of_the_models_is_shown_from_the_first_paint_on() -> None:
    gate = Event()
    app = app_of(ScriptedDesk(models_gate=gate))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: "scripted-encoder: loading" in screen_text(app))
        gate.set()
        await wait_until(pilot, lambda: "scripted-llm · cpu" in screen_text(app))
        assert counted(S.documents, 34) in screen_text(app)
        assert S.embedded.format(share=86) in screen_text(app)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
async def test_the_status_line_is_one_line_at_every_width(width: int) -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=(width, 24)) as pilot:
        await pilot.press(*"질문", "enter")
        await wait_until(pilot, lambda: app.chat.status.timing and app.chat.status.ready)
        await pilot.pause()
        line = screen_text(app).splitlines()[app.chat.status.region.y]
        assert "scripted-llm" in line
        assert (S.speed.format(rate="12.0") in line) is (width >= 120)


async def test_a_library_that_cannot_be_opened_is_a_notice() -> None:
    desk = ScriptedDesk()

    def fail() -> Any:
        raise LibraryCorrupt("library.sqlite3 is not a database", "restore it")

    desk.status = fail  # type: ignore[method-assign]
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "library.sqlite3 is not a database" in screen_text(app))
        assert "restore it" in screen_text(app)


async def test_what_a_first_search_waits_for_is_made_ready_ahead_in_silence() -> None:
    desk = ScriptedDesk()
    desk.search_error = FingerprintMismatch("embedded by another model", "ingest anew")
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "scripted-llm · cpu" in screen_text(app))
        assert desk.warmed == 1
        await wait_until(pilot, lambda: desk.read == 1)
        assert app.chat.status.searchable
        assert not app._notifications  # the question itself will tell


async def test_both_models_missing_are_both_told() -> None:
    desk = ScriptedDesk(
        encoder_error=ModelMissing("no embedding model", "install one"),
        generator_error=ModelMissing("no language model", "install another"),
    )
    app = app_of(desk)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: "install another" in screen_text(app))
        assert "install one" in screen_text(app)
        assert S.no_embedding in screen_text(app)


# ---------------------------------------------------------------------- themes


async def test_the_theme_of_the_settings_is_used_and_another_can_be_chosen() -> None:
    app = app_of(ScriptedDesk(theme="assistant-light"))
    async with app.run_test(size=WIDE) as pilot:
        assert app.theme == "assistant-light"
        light = app.screen.styles.background
        app.theme = "assistant-dark"
        await pilot.pause()
        assert app.screen.styles.background != light


async def test_an_unknown_theme_is_told_and_the_default_used() -> None:
    app = app_of(ScriptedDesk(theme="[bold]none"))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        assert app.theme == themes.DEFAULT
        await wait_until(
            pilot, lambda: S.unknown_theme.format(name="[bold]none") in screen_text(app)
        )


# ---------------------------------------------------------------------- commands


async def test_the_palette_has_every_command_and_runs_one() -> None:
    app = app_of(ScriptedDesk(status=EMPTY))
    async with app.run_test(size=WIDE) as pilot:
        titles = [command.title for command in commands(app, app.screen)]
        for title in (
            S.add_folder_command,
            S.new_chat,
            S.chats,
            S.toggle_sources,
            S.ask_again,
            S.copy_answer,
            S.theme,
            S.library,
            S.quit,
        ):
            assert title in titles
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*S.library)
        await wait_until(pilot, lambda: S.library_help in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, LibraryReport))
        await wait_until(pilot, lambda: S.library_index in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)


async def test_commands_that_make_no_sense_yet_do_no_harm() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("ctrl+r", "ctrl+y", "ctrl+g", "ctrl+t", "ctrl+up", "escape", "alt+1")
        for command in commands(app, app.screen):
            if command.title in (S.ask_again, S.copy_answer, S.toggle_sources):
                outcome = command.callback()
                if outcome is not None:
                    await outcome
        await wait_until(pilot, lambda: S.nothing_to_copy in screen_text(app))
        assert not app.chat.panel.display


async def test_every_binding_has_an_id_of_its_own() -> None:
    app = app_of(ScriptedDesk())
    async with app.run_test(size=WIDE):
        ours = [
            binding.id
            for node in (app, app.chat, app.chat.prompt, app.shelves)
            for binding in type(node).BINDINGS
            if binding.id is not None  # type: ignore[union-attr]
        ]
        assert len(ours) == len(set(ours)) > 15


# ---------------------------------------------------------------------- words


def test_korean_says_everything_with_the_same_blanks() -> None:
    import re

    assert {name for name in vars(type(KO)) if name[0] != "_"} <= set(vars(Strings))
    said = [name for name, text in vars(Strings).items() if name[0] != "_" and not callable(text)]
    for name in said:
        english, korean = getattr(EN, name), getattr(KO, name)
        assert english != korean, name
        if name in ("setting_texts", "tour_steps"):
            continue  # English takes them from the settings themselves
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", korean)), name


def test_one_is_said_in_the_singular() -> None:
    assert counted(EN.turns, 1) == "1 question"
    assert counted(EN.turns, 2000) == "2,000 questions"
    assert counted(KO.turns, 1) == "질문 1개"
    assert counted(EN.cited, 1) == "1 cited"


def test_the_environment_chooses_the_language() -> None:
    assert choose({"LANG": "ko_KR.UTF-8"}) is KO
    assert choose({"LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"}) is EN
    assert choose({"LANG": ""}) is EN
    assert choose({}) is EN


# ---------------------------------------------------------------------- log


def test_what_is_logged_goes_to_the_file_alone(tmp_path: Path, capfd: Any) -> None:
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    try:
        log_to(tmp_path / "deep" / "assistant.log")
        logging.getLogger("assistant.tui").error("한국어 오류")
        assert "한국어 오류" in (tmp_path / "deep" / "assistant.log").read_text("utf-8")
        blocked = tmp_path / "file"
        blocked.touch()
        log_to(blocked / "assistant.log")
        logging.getLogger("assistant.tui").error("dropped")
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers = before
        logging.captureWarnings(False)
    assert capfd.readouterr().err == ""


# ---------------------------------------------------------------------- the real desk


async def test_with_the_real_desk_notes_are_added_asked_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("assistant.query.engine")
    pytest.importorskip("assistant.ingestion.pipeline")
    from assistant.desk import Desk

    notes = tmp_path / "노트"
    notes.mkdir()
    (notes / "어텐션.md").write_text(
        "# 어텐션\n\n내적을 차원의 제곱근으로 나눈다. 그래서 softmax가 포화되지 않는다.\n", "utf-8"
    )
    (notes / "빈 파일.md").write_text("", "utf-8")
    desk = Desk(
        Settings(library=tmp_path / "library"),
        encoder=BagOfWordsEncoder(),
        tokenizer=WordTokenizer(),
        generator=ScriptedGenerator("내적을 차원의 제곱근으로 나눈다 [1]."),
    )
    desk.remember_tour()
    app = app_of(desk)  # type: ignore[arg-type]
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: S.empty_title in screen_text(app), 60)
        app.add_notes(notes)
        await wait_until(
            pilot, lambda: app.chat.status.library and app.chat.status.library.documents == 1, 60
        )
        await pilot.press(*"어텐션에서 내적을 무엇으로 나누나요?", "enter")
        await wait_until(
            pilot,
            lambda: app.chat.conversation.turns and app.chat.conversation.turns[0].answer,
            60,
        )
        turn = app.chat.conversation.turns[0]
        assert turn.sources[0].path == notes / "어텐션.md"
        assert "제곱근" in screen_text(app)
        chats: list[Chat] = []
        await wait_until(pilot, lambda: chats.extend(desk.chats()) or chats, 60)
        assert chats[0].turns == 1
    desk.close()


def test_errors_name_the_log_only_when_they_were_not_foreseen() -> None:
    from assistant.tui.wording import error_text
    from assistant.tui.work import as_error

    foreseen = AssistantError("message", "hint")
    assert as_error(foreseen) is foreseen
    assert error_text(foreseen) == "message\n→ hint"
    assert "assistant.log" in error_text(as_error(ValueError("\x1b[31m")))
    assert "\x1b" not in error_text(as_error(ValueError("\x1b[31m")))


# ---------------------------------------------------------------------- a real terminal


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_native_noise_goes_to_the_log_and_quitting_waits_for_nobody(
    tmp_path: Path,
) -> None:
    import pty
    import select
    import time

    log = tmp_path / "assistant.log"
    program = f"""
        import os, sys, threading, time
        from pathlib import Path
        from assistant.tui import log_to, native_errors_to, stay
        from tests.tui_desk import ScriptedDesk, app_of

        log = Path({str(log)!r})
        desk = ScriptedDesk(models_gate=threading.Event())
        load = desk.load_encoder
        def noisy(progress=None):
            os.write(2, b"NATIVE NOISE")
            print("PYTHON NOISE", file=sys.stderr)
            return load(progress)
        desk.load_encoder = noisy
        log_to(log)
        with native_errors_to(log):
            stay(app_of(desk))
        """
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "", "LINES": ""},
        cwd=Path(__file__).parent.parent,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    drawn = b""
    asked_to_leave = False
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline and process.poll() is None:
            if select.select([main], [], [], 0.1)[0]:
                try:
                    drawn += os.read(main, 65536)
                except OSError:
                    break
            if not asked_to_leave and b"scripted-encoder" in drawn:
                os.write(main, b"\x11")
                asked_to_leave = True
        # The loading of the model is held for 30 seconds; nobody waits for it.
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(main)
    assert asked_to_leave
    assert b"NOISE" not in drawn
    assert "NATIVE NOISE" in log.read_text("utf-8")


# ---------------------------------------------------------------------- colours and keys


def test_in_high_contrast_all_text_is_seven_to_one() -> None:
    (theme,) = (each for each in themes.THEMES if each.name == "assistant-contrast")
    colours = theme.to_color_system().generate()
    ground = Color.parse(colours["background"])
    names = [name for name in colours if name.startswith("text-") and colours[name][0] == "#"]
    names += ["foreground", "primary", "accent", "error", "success", "footer-key-foreground"]
    texts = {name: Color.parse(colours[name]) for name in names}
    share = int(MUTED.split()[1].rstrip("%")) / 100
    texts["muted"] = ground.blend(texts["foreground"], share)
    thin = {name: round(_contrast(text, ground), 1) for name, text in texts.items()}
    assert {name: ratio for name, ratio in thin.items() if ratio < 7} == {}


def _contrast(one: Color, other: Color) -> float:
    def luminance(colour: Color) -> float:
        parts = [value / 255 for value in colour.rgb]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


async def test_a_key_of_ones_own_takes_the_place_of_the_other() -> None:
    desk = ScriptedDesk()
    keys = ("chat.chats=f10 f12", "no.such=f7")
    interface = replace(desk.settings.interface, keys=keys)
    desk.settings = replace(desk.settings, interface=interface)
    app = app_of(desk)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(
            pilot, lambda: S.unknown_keys.format(keys="no.such=f7") in screen_text(app)
        )
        await pilot.press("ctrl+o")
        assert app.screen is app.chat
        await pilot.press("f10")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatList))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)
        await pilot.press("f12")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatList))


def test_everything_with_a_name_can_have_a_key() -> None:
    known = keymap.known()
    assert known["chat.chats"].keys == "ctrl+o"
    assert len(known) > 20
    assert keymap.read(["chat.chats = f6", "chat.new", "=f7", "x=f8"], known) == (
        {"chat.chats": "f6"},
        ["chat.new", "=f7", "x=f8"],
    )
