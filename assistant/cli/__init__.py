"""The command line: answers on stdout, everything else on stderr."""

from __future__ import annotations

import sys


def main() -> None:
    """The ``assistant`` command.

    Every :class:`~assistant.errors.AssistantError` ends here, as one line and its next step.
    """
    from assistant.cli.console import interactive, report_error, use_utf8

    use_utf8()
    try:
        if sys.argv[1:] in ([], ["chat"]) and interactive():
            _open_chat()
        else:
            from assistant.cli.app import app

            app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output left (``assistant search … | head``); that is not an error.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last line of defence: told and logged, with its trace
        sys.exit(report_error(error))


def _open_chat() -> None:
    """What is typed most, without the parser and the other commands: a third of the first paint."""
    from assistant import config
    from assistant.tui import run

    run(config.load())
