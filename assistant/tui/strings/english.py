"""Every word the interface says, in English.

Fields in braces are filled with :meth:`str.format`, ``{count}`` with
:func:`assistant.tui.strings.counted`; what stands before a ``|`` is said of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


class Strings:
    """One language; another is a subclass that says everything anew."""

    def said(self, text: str) -> str:
        """What a room beneath the interface says, an error or a step, in this language."""
        return text

    def moment(self, then: datetime) -> str:
        """A date and its hour."""
        return f"{then.day} {then:%b %Y}, {then:%H:%M}"

    def day(self, then: datetime) -> str:
        """A day of this year."""
        return f"{then.day} {then:%b}"

    def hour(self, then: datetime) -> str:
        """An hour of today."""
        return f"{then:%H:%M}"

    seconds = "{count} s"
    minutes = "{count} min"
    hours = "{hours} h {minutes} min"

    # prompt and keys
    placeholder = "Ask your notes…"
    send = "Send"
    newline = "New line"
    earlier = "Earlier question"
    stop = "Stop"
    ask_again = "Ask again"
    copy_answer = "Copy answer"
    new_chat = "New chat"
    chats = "Chats"
    sources = "Sources"
    next_citation = "Next [n]"
    last_citation = "Last [n]"
    citation = "Open [n]"
    again = "Again"
    copy = "Copy"
    new = "New"
    notes = "Notes"
    help = "Keys"
    help_hint = "Up and down scroll · ? or Esc closes"
    help_focus = "Here"
    help_screen = "On this screen"
    help_always = "Everywhere"
    palette = "Commands"
    palette_find = "Search for a command…"
    theme_find = "Search for a theme…"
    to_prompt = "To the prompt"
    close = "Close"
    earlier_answer = "Earlier answer"
    later_answer = "Later answer"

    # greeting
    greeting = "Ask your notes"
    greeting_ready = (
        "{count} document is ready. Answers come with their sources."
        "|{count} documents are ready. Answers come with their sources."
    )
    greeting_tips = (
        "Enter sends · Ctrl+J starts a new line · Ctrl+P has every command\n"
        "/ a command · @ one note or folder alone · # one notebook alone\n"
        "Tab and the arrow keys reach everything a mouse can"
    )
    empty_title = "There are no notes here yet"
    empty_body = "Press Ctrl+L to add a folder of notes. They stay on this machine."
    empty_body_away = (
        "Press Ctrl+L to add a folder of notes. Passages of them leave this machine with every "
        "question, for the language model is on another one."
    )
    empty_other = "아직 노트가 없습니다. Ctrl+L을 눌러 노트 폴더를 추가하세요."

    # a turn
    searching = "Searching the notes"
    still_reading = "The first notes are being read; ask again in a moment"
    waiting_embedding = "Waiting for the embedding model"
    waiting_generation = "Evidence found. Waiting for the language model"
    reading = "Reading {count} passage|Reading {count} passages"
    stopping = "Stopping"
    stopped = "stopped"
    cut = "cut at the length limit"
    refused = "not in the notes"
    search_wider = "Search wider"
    search_wider_help = "Put a refused question to all notes again, with more passages"
    wider_offered = "F5 searches wider"
    wider = "searched wider"
    cited = "{count} cited"
    borne_out = "{done} of {all} sentences borne out"
    in_part = "[~] in part"
    not_borne_out = "[?] not in the notes{what}"
    denied = "the notes say otherwise"
    other_tongue = "not in the question's language, asked twice"
    marks_help = (
        "Answers\n"
        "Each sentence is held against your notes after it was written. [1] leads to the "
        "sentence it rests on. [~] stands behind what they bear out in part. [?] stands behind "
        "what they do not: nothing there says it, or a number, date, name, piece of code or “not” "
        "differs."
    )
    left_out = "{count} did not fit"
    summarising = "Summarising {done} of {total}: {part}"
    thinking = "Thinking before it answers"
    summing_up = "putting it together"
    first_token = "first word {seconds} s"
    speed = "{rate} tokens/s"

    # what a reader says to an answer
    good = "Good answer"
    bad = "Bad answer"
    rate_help = "Kept with the chat and exported with it; once more takes it back"
    rated_good = "▲ good"
    rated_bad = "▼ bad"
    nothing_to_rate = "There is no answer to rate."
    rate_later = "This answer is not stored, so there is nothing to keep a rating with."
    pin_key = "Pin"
    exclude_key = "Exclude"
    pin_file_key = "Pin file"
    exclude_file_key = "Exclude file"
    pin_help = "Ask again with this passage offered first; once more takes it back"
    exclude_help = "Ask again without this passage; once more takes it back"
    pin_file_help = "Ask again with the best passages of this file offered first"
    exclude_file_help = "Ask again without this file"
    pinned = "pinned"
    excluded = "excluded, x takes it back"
    whole_file = "whole file"
    pinned_names = "pinned: {names}"
    excluded_names = "without: {names}"

    # sources
    nearest = "Nearest passages"

    why_key = "Why?"
    why_title = "Why these sources?"
    why_help = "What each search made of them, and what became of a file you expected"
    why_hint = "/ names a file you expected · Enter asks · Esc closes"
    why_nothing = "There are no sources to explain."
    why_rank = "no. {rank}"
    why_not_found = "not found"
    why_fused = "fused"
    why_words = "words:"
    why_without = "without:"
    why_similarity = "best cosine {similarity}"
    why_coverage = "words of the question covered: {share}"
    why_gate = "words trusted: {gate}"
    leg_dense = "meaning"
    leg_lexical = "words"
    leg_proximity = "nearness"
    leg_reranker = "reranker"
    expect_key = "Expected a file?"
    expect_placeholder = "Expected a file? Part of its name, or a path"
    fate_found = "{name} is source [{n}]."
    fate_copy = "{name} says the same as [{n}], which is shown in its place."
    fate_ranked = "{name} is number {rank} of the candidates, behind what is shown."
    fate_beyond = "{name} ({passages}) is in the library, and none of it is near the question."
    fate_not_embedded = (
        "{name} is not embedded yet ({waiting} of {passages} wait), and its words do not match."
    )
    fate_out_of_scope = "{name} is in the library, but not where this was asked."
    fate_failed = "{name} could not be read: {reason}"
    fate_skipped = "{name} was passed by: {reason}"
    fate_ignored = "{name} is passed by: {reason}"
    fate_new = "{name} is in a folder of the library, and was not taken in yet."
    fate_not_ingested = "{name} was never added, nor any folder it is in."
    fate_missing = "There is no {name}, neither on disk nor in the library."
    fate_pattern = "the pattern {pattern}, given with its folder or in the settings"
    fate_pattern_of = "the pattern {pattern} in {file}"
    fate_not_included = "only {pattern} is read there"
    fate_best = "Its best passage"
    fate_put_back = (
        "{count} more of its passages (number {ranks} of the candidates) gave way to other files:"
        " each better one of a file puts the next back a little."
    )
    fate_waiting = "{count} of its passages wait to be embedded, and are found by words alone."
    remedy_words = "A word of it in the question brings it up; so does asking it alone."
    remedy_embed = "Sync the library (F2) to finish embedding."
    remedy_scope = "Ask all notes (Ctrl+P), or choose it as the scope."
    remedy_sync = "Sync its folder (F2)."
    remedy_add = "Ctrl+L adds it."
    remedy_spelling = "Check the spelling; F2 lists what there is."

    # status
    starting = "starting"
    no_generation = "search only: no language model"
    no_embedding = "no embedding model"
    documents = "{count} document|{count} documents"
    passages = "{count} passage|{count} passages"
    embedded = "{share}% embedded"
    no_notes = "no notes yet"

    # ingestion
    adding = "Adding notes"
    add_title = "Add a folder of notes"
    add_hint = "Type or paste a path (Tab completes), or choose below."
    add_go = "Add"
    cancel = "Cancel"
    path_empty = "Name a folder or a file."
    path_missing = "There is nothing at {path}"
    files_done = "{done}/{total} files"
    words_done = "words of {done}/{total} passages"
    passages_done = "{done}/{total} passages"
    index_reading = "index: reading {done}/{total}"
    index_building = "index: building {done}/{total}"
    index_saving = "index: saving {done}/{total}"
    per_second = "{rate}/s"
    time_left = "{time} left"
    stop_key = "Ctrl+L stops"
    stop_adding = "Stop adding notes"
    stop_adding_body = "What is already in the library stays."
    adding_already = "Notes are already being added."
    added = "Notes added"
    added_stopped = "Adding notes stopped"
    new_files = "{count} new or changed"
    unchanged_files = "{count} unchanged"
    skipped_files = "{count} skipped"
    failed_files = "{count} failed"
    left_files = "{count} as unreadable as before"
    removed_files = "{count} removed"

    edit_question = "Edit question"
    edit_help = "Ask it another way, from before it, in a chat of its own"
    branches = "edited: begins a chat of its own · Esc leaves it"
    # settings and check-up
    unknown_keys = "No such key: {keys}"
    unknown_keys_hint = "`assistant settings keys` lists what can have a key of your own"
    settings = "Settings"
    settings_help = "See and change what can be set"
    settings_find = "Find a setting…"
    settings_hint = "Enter changes · Backspace puts back · / finds · Esc closes"
    setting_default = "By default {value}"
    setting_empty = "nothing"
    setting_file = "set in the settings file"
    setting_environment = "set by {variable}, which wins over the file"
    setting_at_once = "counts from the next question on"
    setting_later = "counts from the next start on"
    setting_reset = "Put back"
    setting_change = "Change"
    setting_texts: Mapping[str, str] = {}  # what stands beneath each setting
    doctor = "Check-up"
    doctor_help = "Is everything in place: library, models, OCR, devices?"
    doctor_busy = "Looking…"
    doctor_good = "Everything is in place."
    doctor_problems = "{count} thing to mend|{count} things to mend"

    # the tour
    tour = "In three steps"
    tour_command = "Tour"
    tour_help = "Three steps: add notes, ask, look at a source"
    tour_next = "Next"
    tour_back = "Back"
    tour_skip = "Skip"
    tour_go = "Add a folder"
    tour_steps: tuple[tuple[str, str], ...] = (
        (
            "1 · Add a folder of notes",
            "Ctrl+L, then a path: PDF, Word, Hangul, Markdown, slides, web pages and more are "
            "read. They stay where they are, and can be found by their words within seconds.",
        ),
        (
            "2 · Ask",
            "Type a question in Korean or English and press Enter. @ asks one note or folder "
            "alone, # a notebook, / has the commands. Esc stops an answer.",
        ),
        (
            "3 · Look at a source",
            "Every [n] in an answer is a sentence of your notes: 1 to 9, Ctrl+G or a click goes "
            "to it, o opens the file there. [?] marks what your notes do not say.",
        ),
    )

    # chats
    chats_title = "Chats"
    no_chats = "No chats yet."
    turns = "{count} question|{count} questions"
    no_chats_found = "Nothing was asked about that."
    chats_search = "Search questions, answers and titles…"
    chats_hint = (
        "Enter opens · / searches · p pins · r renames · x exports · d deletes · u takes back"
    )
    search_chats = "Search"
    pin_chat = "Pin"
    rename_chat = "Rename"
    rename_title = "A new title for this chat"
    export_chat = "Export"
    export_title = "Where to write this chat"
    export_hint = "A folder, or a file: .md to read, .json for programs"
    exported = "Written: {file}"
    delete = "Delete"
    chat_deleted = "Chat deleted: u in the list takes it back"
    earlier_turns = (
        "{count} earlier question: Enter or click shows it"
        "|{count} earlier questions: Enter or click shows them"
    )

    # library status
    library = "Library status"
    library_folder = "Folder"
    library_size = "Size"
    library_index = "Index"
    library_model = "Embedding model"
    library_files = "Files"
    library_problems = "Files with a problem"

    # notices
    still_answering = "Still answering. Esc stops."
    copied = "Answer copied"
    nothing_to_copy = "There is no answer to copy."
    no_such_citation = "This answer has no [{n}]."
    unknown_theme = "There is no theme named {name}."
    theme_instead = "Showing {name}. The command palette lists all themes."
    no_such_chat = "There is no chat number {id}."
    see_chats = "Ctrl+O lists the chats there are."
    unforeseen = "Something went wrong: {what}"
    see_log = "details are in {file}"

    # commands
    add_folder_command = "Add a folder of notes…"
    add_folder_help = "Read a folder or a file into the library"
    new_chat_help = "Begin with an empty page"
    chats_help = "Open, search, export or delete earlier chats"
    toggle_sources = "Toggle sources"
    toggle_sources_help = "Show or hide the passages beside the answer"
    ask_again_help = "Put the last question once more"
    copy_help = "Copy the answer, with its sources, to the clipboard"
    theme = "Theme"
    theme_help = "Choose colours"
    library_help = "What the library holds, and what could not be read"
    keys_help = "Show every key"
    quit = "Quit"
    quit_help = "Leave; chats are kept"
    stop_adding_help = "End the ingestion that is running"

    # language models
    use_model = "Use another language model…"
    use_model_help = "Choose what writes the answers; nothing has to be restarted"
    models_title = "Answers are written by"
    models_hint = "Enter takes one · Esc closes"
    model_auto = "the largest one here that fits"
    model_here = "on this machine"
    leaves = "notes leave this machine"
    model_taken = "{name} writes the answers from now on."
    model_kept = "Kept in {file}."
    model_not_kept = "Only until you leave: {reason}"

    # scope
    in_scope = "in: {name}"
    all_notes = "All notes"
    scope_key = "Scope"
    scope_title = "Ask only in…"
    scope_hint = "Type to find a notebook, folder or file · Enter chooses · Esc closes"
    scope_help = "Limit questions to a notebook, a folder or a file"
    clear_scope = "Ask all notes"
    quotes = "Quote"
    quotes_title = "Only quote the notes"
    quotes_only = "quotes only"
    quotes_help = "Answer with sentences of the notes, word for word, or have them written"
    write_again = "Have answers written again"
    quoted = "quoted, no model wrote this"
    clear_scope_help = "Questions are put to every document again"
    scope_set = "From now on only {name} is asked."

    # library screen
    shelves = "Library"
    shelves_help = "Folders, files and notebooks, and what became of each"
    back = "Chat"
    folders = "Folders"
    notebooks = "Notebooks"
    files = "{count} file|{count} files"
    column_name = "Name"
    column_state = "State"
    column_passages = "Passages"
    column_language = "Lang"
    column_when = "Updated"
    indexed = "indexed"
    skipped = "skipped"
    failed = "failed"
    blank_pages = "{count} p. blank"
    mixed = "mixed"
    other_language = "other"
    not_there = "nothing of this is in the library"
    empty_shelves = "There are no notes here yet.\nPress a to add a folder of notes."
    nothing_found = "Nothing matches. Esc shows everything."
    filter_hint = "Part of a name or folder"
    filter_key = "Filter"
    problems_key = "Problems"
    problems_only = "only problems"
    add_key = "Add"
    sync_key = "Sync"
    sync_all = "Sync all folders"
    sync_all_help = "Take in what has changed since, and finish embedding"
    retry_key = "Retry"
    open_key = "Open"
    remove_key = "Remove"
    watch_key = "Watch"
    unwatch_key = "Unwatch"
    notebook_key = "Notebook"
    ask_here_key = "Ask"

    # one file or folder
    field_title = "Title"
    field_format = "Format"
    field_language = "Language"
    field_passages = "Passages"
    field_pages = "Pages"
    field_size = "Size"
    field_updated = "Updated"
    field_synced = "Synced"
    field_files = "Files"
    field_notebooks = "Notebooks"
    field_watching = "Watching"
    field_include = "Only"
    field_exclude = "Passed by"
    without_text = "without text: {pages}"
    old_text = "What was read before stays searchable."
    on = "on"
    off = "off"
    never = "never"

    # keeping in step
    watching = "watching"
    watch_on = "{name} is kept in step from now on."
    watch_off = "{name} is no longer watched."
    taken_in = "{count} file updated|{count} files updated"
    taken_out = "{count} file removed|{count} files removed"
    not_read = "{count} file could not be read|{count} files could not be read"
    and_more = "and {count} more"
    watch_failed = "{name} could not be brought in step"
    watch_ended = "Folders are no longer watched"
    syncing = "Taking in changes"
    embedding = "Finishing embedding"
    stop_embedding = "Stop embedding"
    synced = "Library in step"
    synced_stopped = "Sync stopped"
    see_library = "F2 shows why"

    # removing
    remove_title = "Remove from the library?"
    remove_files = (
        "{count} file leaves the library; nothing on disk is touched."
        "|{count} files leave the library; nothing on disk is touched."
    )
    remove_root = "The folder is no longer kept in step."
    remove_beneath = (
        "From now on it is passed by when {root} is synced. Adding it by name takes it in again."
    )
    removed = "{name} was removed from the library"
    undo_key = "Take back"
    undo_hint = "u takes it back"
    taken_back = "Back in the library"
    removed_count = "{count} file, which stays on disk|{count} files, which stay on disk"
    delete_notebook = "Delete this notebook?"
    delete_notebook_body = "Its documents stay in the library."
    notebook_deleted = "Notebook deleted"

    # notebooks
    notebook_title = "Notebooks with {name}"
    notebook_hint = "Enter a name to add to it, or pick one: a pick adds (○) or takes out (●)."
    notebook_name = "Name of a notebook"
    through_folder = "through a folder"
    notebook_added = "{name} is in #{notebook}."
    notebook_taken = "{name} is no longer in #{notebook}."
    taken_by_folder = "It is in #{notebook} through a folder: take that out."
    name_empty = "Give the notebook a name."

    # taking along
    next_hit = "Next sentence used"
    last_hit = "Last sentence used"
    copy_code = "Copy code"
    copy_code_help = "The code of the answer; of several blocks the next each time"
    copy_citation = "Copy citation"
    copy_citation_help = "The sentences cited of the source in view, with their place"
    no_code = "There is no code in this answer."
    code_copied = "Code copied ({number} of {count})"
    citation_copied = "Citation copied"
    also_kept = "If your terminal does not paste it: {file}"

    # the linear chat
    linear_greeting = (
        "Ask your notes. Type a question and press Enter. /help tells the commands, /quit leaves, "
        "Ctrl+C stops an answer."
    )
    linear_help = (
        "/sources lists the sources of the last answer. /source 2 reads source 2. "
        "/pin 2 and /exclude 2 ask again with it first or without it; once more takes it back. "
        "/again asks again, /wider in all notes and with more passages. "
        "/good and /bad rate the answer. /new begins a new chat. "
        "/chats lists the chats. /chat 3 opens chat 3. /add FOLDER takes in notes. /quit leaves."
    )
    linear_wider = "/wider searches wider"
    linear_unknown = "There is no command /{name}."
    linear_see_help = "/help tells the commands"
    linear_nothing = "Nothing was asked yet."
    linear_number = "Say a number after the command."
    linear_question = "Question:"
    linear_answer = "Answer:"
    linear_meant = "Understood as: {question}"
    linear_nearest = "Nearest in the notes: {text} (source {n})"
    linear_writing = "Still writing, {count} words so far"
    linear_loading = "Getting {name} ready"
    linear_cited = "cited"
    linear_used = "Used: {text}"

    # opening
    gone_from_disk = "{name} is not on disk any more"
    gone_hint = "sync its folder, or remove it from the library"
    no_viewer = "No program to open {name} was found"
    no_viewer_hint = "set $EDITOR, or install xdg-utils"
    viewer_failed = "{program} could not open {name}"
    open_in_archive = "It lies in an archive, which is opened instead."


EN = Strings()
