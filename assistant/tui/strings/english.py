"""Every word the interface says, in English.

Fields in braces are filled with :meth:`str.format`, ``{count}`` with
:func:`assistant.tui.strings.counted`; what stands before a ``|`` is said of one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Strings:
    """One language."""

    # prompt and keys
    placeholder: str = "Ask your notes…"
    send: str = "Send"
    newline: str = "New line"
    earlier: str = "Earlier question"
    stop: str = "Stop"
    ask_again: str = "Ask again"
    copy_answer: str = "Copy answer"
    new_chat: str = "New chat"
    chats: str = "Chats"
    sources: str = "Sources"
    next_citation: str = "Next [n]"
    citation: str = "Open [n]"
    again: str = "Again"
    copy: str = "Copy"
    new: str = "New"
    notes: str = "Notes"
    help: str = "Keys"
    to_prompt: str = "To the prompt"
    close: str = "Close"
    earlier_answer: str = "Earlier answer"
    later_answer: str = "Later answer"

    # greeting
    greeting: str = "Ask your notes"
    greeting_ready: str = (
        "{count} document is ready. Answers come with their sources."
        "|{count} documents are ready. Answers come with their sources."
    )
    greeting_tips: str = (
        "Enter sends · Ctrl+J starts a new line · Ctrl+P has every command\n"
        "Tab and the arrow keys reach everything a mouse can"
    )
    empty_title: str = "There are no notes here yet"
    empty_body: str = "Press Ctrl+L to add a folder of notes. They stay on this machine."
    empty_other: str = "아직 노트가 없습니다. Ctrl+L을 눌러 노트 폴더를 추가하세요."

    # a turn
    searching: str = "Searching the notes"
    waiting_embedding: str = "Waiting for the embedding model"
    waiting_generation: str = "Evidence found. Waiting for the language model"
    reading: str = "Reading {count} passage|Reading {count} passages"
    stopping: str = "Stopping"
    stopped: str = "stopped"
    cut: str = "cut at the length limit"
    refused: str = "not in the notes"
    cited: str = "{count} cited"
    left_out: str = "{count} did not fit"
    first_token: str = "first word {seconds} s"
    speed: str = "{rate} tokens/s"

    # sources
    nearest: str = "Nearest passages"

    # status
    starting: str = "starting"
    no_generation: str = "search only: no language model"
    no_embedding: str = "no embedding model"
    documents: str = "{count} document|{count} documents"
    passages: str = "{count} passage|{count} passages"
    embedded: str = "{share}% embedded"
    no_notes: str = "no notes yet"

    # ingestion
    adding: str = "Adding notes"
    add_title: str = "Add a folder of notes"
    add_hint: str = "Type or paste a path (Tab completes), or choose below."
    add_go: str = "Add"
    cancel: str = "Cancel"
    path_empty: str = "Name a folder or a file."
    path_missing: str = "There is nothing at {path}"
    files_done: str = "{done}/{total} files"
    words_done: str = "words of {done}/{total} passages"
    passages_done: str = "{done}/{total} passages"
    per_second: str = "{rate}/s"
    time_left: str = "{time} left"
    stop_key: str = "Ctrl+L stops"
    stop_adding: str = "Stop adding notes"
    stop_adding_body: str = "What is already in the library stays."
    adding_already: str = "Notes are already being added."
    added: str = "Notes added"
    added_stopped: str = "Adding notes stopped"
    new_files: str = "{count} new or changed"
    unchanged_files: str = "{count} unchanged"
    skipped_files: str = "{count} skipped"
    failed_files: str = "{count} failed"
    left_files: str = "{count} as unreadable as before"
    removed_files: str = "{count} removed"

    # chats
    chats_title: str = "Chats"
    no_chats: str = "No chats yet."
    turns: str = "{count} question|{count} questions"
    chats_hint: str = "Enter opens · Delete removes · Esc closes"
    delete_chat: str = "Delete this chat?"
    delete: str = "Delete"
    chat_deleted: str = "Chat deleted"
    earlier_turns: str = (
        "{count} earlier question: Enter or click shows it"
        "|{count} earlier questions: Enter or click shows them"
    )

    # library status
    library: str = "Library status"
    library_folder: str = "Folder"
    library_size: str = "Size"
    library_index: str = "Index"
    library_model: str = "Embedding model"
    library_files: str = "Files"
    library_problems: str = "Files with a problem"

    # notices
    still_answering: str = "Still answering. Esc stops."
    copied: str = "Answer copied"
    nothing_to_copy: str = "There is no answer to copy."
    no_such_citation: str = "This answer has no [{n}]."
    unknown_theme: str = "There is no theme named {name}."
    theme_instead: str = "Showing {name}. The command palette lists all themes."
    no_such_chat: str = "There is no chat number {id}."
    see_chats: str = "Ctrl+O lists the chats there are."
    unforeseen: str = "Something went wrong: {what}"
    see_log: str = "details are in {file}"

    # commands
    add_folder_command: str = "Add a folder of notes…"
    add_folder_help: str = "Read a folder or a file into the library"
    new_chat_help: str = "Begin with an empty page"
    chats_help: str = "Open or delete an earlier chat"
    toggle_sources: str = "Toggle sources"
    toggle_sources_help: str = "Show or hide the passages beside the answer"
    ask_again_help: str = "Put the last question once more"
    copy_help: str = "Copy the answer, with its sources, to the clipboard"
    theme: str = "Theme"
    theme_help: str = "Choose colours"
    library_help: str = "What the library holds, and what could not be read"
    keys_help: str = "Show every key"
    quit: str = "Quit"
    quit_help: str = "Leave; chats are kept"
    stop_adding_help: str = "End the ingestion that is running"

    # scope
    in_scope: str = "in: {name}"
    all_notes: str = "All notes"
    scope_key: str = "Scope"
    scope_title: str = "Ask only in…"
    scope_hint: str = "Type to find a notebook, folder or file · Enter chooses · Esc closes"
    scope_help: str = "Limit questions to a notebook, a folder or a file"
    clear_scope: str = "Ask all notes"
    quotes: str = "Quote"
    quotes_title: str = "Only quote the notes"
    quotes_only: str = "quotes only"
    quotes_help: str = "Answer with sentences of the notes, word for word, or have them written"
    write_again: str = "Have answers written again"
    quoted: str = "quoted, no model wrote this"
    clear_scope_help: str = "Questions are put to every document again"
    scope_set: str = "From now on only {name} is asked."

    # library screen
    shelves: str = "Library"
    shelves_help: str = "Folders, files and notebooks, and what became of each"
    back: str = "Chat"
    folders: str = "Folders"
    notebooks: str = "Notebooks"
    files: str = "{count} file|{count} files"
    column_name: str = "Name"
    column_state: str = "State"
    column_passages: str = "Passages"
    column_language: str = "Lang"
    column_when: str = "Updated"
    indexed: str = "indexed"
    skipped: str = "skipped"
    failed: str = "failed"
    blank_pages: str = "{count} p. blank"
    mixed: str = "mixed"
    other_language: str = "other"
    not_there: str = "nothing of this is in the library"
    empty_shelves: str = "There are no notes here yet.\nPress a to add a folder of notes."
    nothing_found: str = "Nothing matches. Esc shows everything."
    filter_hint: str = "Part of a name or folder"
    filter_key: str = "Filter"
    problems_key: str = "Problems"
    problems_only: str = "only problems"
    add_key: str = "Add"
    sync_key: str = "Sync"
    sync_all: str = "Sync all folders"
    sync_all_help: str = "Take in what has changed since, and finish embedding"
    retry_key: str = "Retry"
    open_key: str = "Open"
    remove_key: str = "Remove"
    watch_key: str = "Watch"
    unwatch_key: str = "Unwatch"
    notebook_key: str = "Notebook"
    ask_here_key: str = "Ask"

    # one file or folder
    field_title: str = "Title"
    field_format: str = "Format"
    field_language: str = "Language"
    field_passages: str = "Passages"
    field_pages: str = "Pages"
    field_size: str = "Size"
    field_updated: str = "Updated"
    field_synced: str = "Synced"
    field_files: str = "Files"
    field_notebooks: str = "Notebooks"
    field_watching: str = "Watching"
    field_include: str = "Only"
    field_exclude: str = "Passed by"
    without_text: str = "without text: {pages}"
    old_text: str = "What was read before stays searchable."
    on: str = "on"
    off: str = "off"
    never: str = "never"

    # keeping in step
    watching: str = "watching"
    watch_on: str = "{name} is kept in step from now on."
    watch_off: str = "{name} is no longer watched."
    taken_in: str = "{count} file updated|{count} files updated"
    taken_out: str = "{count} file removed|{count} files removed"
    not_read: str = "{count} file could not be read|{count} files could not be read"
    and_more: str = "and {count} more"
    watch_failed: str = "{name} could not be brought in step"
    watch_ended: str = "Folders are no longer watched"
    syncing: str = "Taking in changes"
    embedding: str = "Finishing embedding"
    stop_embedding: str = "Stop embedding"
    synced: str = "Library in step"
    synced_stopped: str = "Sync stopped"
    see_library: str = "F2 shows why"

    # removing
    remove_title: str = "Remove from the library?"
    remove_files: str = (
        "{count} file leaves the library; nothing on disk is touched."
        "|{count} files leave the library; nothing on disk is touched."
    )
    remove_root: str = "The folder is no longer kept in step."
    remove_beneath: str = (
        "From now on it is passed by when {root} is synced. Adding it by name takes it in again."
    )
    removed: str = "{name} was removed from the library"
    undo_key: str = "Take back"
    undo_hint: str = "u takes it back"
    taken_back: str = "Back in the library"
    removed_count: str = "{count} file, which stays on disk|{count} files, which stay on disk"
    delete_notebook: str = "Delete this notebook?"
    delete_notebook_body: str = "Its documents stay in the library."
    notebook_deleted: str = "Notebook deleted"

    # notebooks
    notebook_title: str = "Notebooks with {name}"
    notebook_hint: str = "Enter a name to add to it, or pick one: a pick adds (○) or takes out (●)."
    notebook_name: str = "Name of a notebook"
    through_folder: str = "through a folder"
    notebook_added: str = "{name} is in #{notebook}."
    notebook_taken: str = "{name} is no longer in #{notebook}."
    taken_by_folder: str = "It is in #{notebook} through a folder: take that out."
    name_empty: str = "Give the notebook a name."

    # opening
    gone_from_disk: str = "{name} is not on disk any more"
    gone_hint: str = "sync its folder, or remove it from the library"
    no_viewer: str = "No program to open {name} was found"
    no_viewer_hint: str = "set $EDITOR, or install xdg-utils"
    viewer_failed: str = "{program} could not open {name}"
    open_in_archive: str = "It lies in an archive, which is opened instead."


EN = Strings()
