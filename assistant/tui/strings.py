"""Every word the interface says, in English and Korean.

``LC_ALL``, ``LC_MESSAGES`` or ``LANG`` decides, in that order. Fields in braces are filled with
:meth:`str.format`, ``{count}`` with :func:`counted`; what stands before a ``|`` is said of one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
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
    removed_files: str = "{count} removed"
    failures_title: str = "Files that could not be read"

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


EN = Strings()

KO = Strings(
    placeholder="노트에 물어보세요…",
    send="보내기",
    newline="줄바꿈",
    earlier="이전 질문",
    stop="중지",
    ask_again="다시 묻기",
    copy_answer="답변 복사",
    new_chat="새 대화",
    chats="대화",
    sources="출처",
    next_citation="다음 [n]",
    citation="[n] 열기",
    again="다시",
    copy="복사",
    new="새로",
    notes="노트",
    help="단축키",
    to_prompt="입력창으로",
    close="닫기",
    earlier_answer="이전 답변",
    later_answer="다음 답변",
    greeting="노트에 물어보세요",
    greeting_ready="문서 {count}개가 준비되었습니다. 답변에는 출처가 함께 나옵니다.",
    greeting_tips=(
        "Enter 보내기 · Ctrl+J 줄바꿈 · Ctrl+P 모든 명령\nTab과 방향키로 모든 곳에 갈 수 있습니다"
    ),
    empty_title="아직 노트가 없습니다",
    empty_body="Ctrl+L을 눌러 노트 폴더를 추가하세요. 노트는 이 컴퓨터를 떠나지 않습니다.",
    empty_other="There are no notes here yet. Press Ctrl+L to add a folder.",
    searching="노트를 찾는 중",
    waiting_embedding="임베딩 모델을 기다리는 중",
    waiting_generation="근거를 찾았습니다. 언어 모델을 기다리는 중",
    reading="문단 {count}개를 읽는 중",
    stopping="멈추는 중",
    stopped="중지됨",
    cut="길이 제한에서 잘림",
    refused="노트에 없음",
    cited="인용 {count}개",
    left_out="{count}개는 들어가지 못함",
    first_token="첫 단어 {seconds}초",
    speed="초당 {rate}토큰",
    nearest="가장 가까운 문단",
    starting="시작하는 중",
    no_generation="검색만 가능: 언어 모델 없음",
    no_embedding="임베딩 모델 없음",
    documents="문서 {count}개",
    passages="문단 {count}개",
    embedded="임베딩 {share}%",
    no_notes="노트 없음",
    adding="노트 추가 중",
    add_title="노트 폴더 추가",
    add_hint="경로를 입력하거나 붙여넣으세요(Tab 자동완성). 아래에서 골라도 됩니다.",
    add_go="추가",
    cancel="취소",
    path_empty="폴더나 파일을 적어 주세요.",
    path_missing="{path}에 아무것도 없습니다",
    files_done="파일 {done}/{total}",
    passages_done="문단 {done}/{total}",
    per_second="초당 {rate}",
    time_left="{time} 남음",
    stop_key="Ctrl+L 중지",
    stop_adding="노트 추가 중지",
    stop_adding_body="이미 들어간 것은 남습니다.",
    adding_already="이미 노트를 추가하고 있습니다.",
    added="노트를 추가했습니다",
    added_stopped="노트 추가를 멈췄습니다",
    new_files="새로 바뀐 것 {count}",
    unchanged_files="그대로 {count}",
    skipped_files="건너뜀 {count}",
    failed_files="실패 {count}",
    removed_files="제거 {count}",
    failures_title="읽지 못한 파일",
    chats_title="대화 목록",
    no_chats="아직 대화가 없습니다.",
    turns="질문 {count}개",
    chats_hint="Enter 열기 · Delete 삭제 · Esc 닫기",
    delete_chat="이 대화를 삭제할까요?",
    delete="삭제",
    chat_deleted="대화를 삭제했습니다",
    earlier_turns="이전 질문 {count}개: Enter나 클릭으로 보기",
    library="라이브러리 상태",
    library_folder="폴더",
    library_size="크기",
    library_index="색인",
    library_model="임베딩 모델",
    library_files="파일",
    library_problems="문제가 있는 파일",
    still_answering="아직 답하는 중입니다. Esc로 멈춥니다.",
    copied="답변을 복사했습니다",
    nothing_to_copy="복사할 답변이 없습니다.",
    no_such_citation="이 답변에는 [{n}]이 없습니다.",
    unknown_theme="{name} 테마가 없습니다.",
    theme_instead="{name}(으)로 보여 줍니다. 모든 테마는 명령 팔레트에 있습니다.",
    no_such_chat="{id}번 대화가 없습니다.",
    see_chats="Ctrl+O에서 있는 대화를 볼 수 있습니다.",
    unforeseen="문제가 생겼습니다: {what}",
    see_log="자세한 내용은 {file}에 있습니다",
    add_folder_command="노트 폴더 추가…",
    add_folder_help="폴더나 파일을 라이브러리에 넣습니다",
    new_chat_help="빈 화면에서 시작합니다",
    chats_help="지난 대화를 열거나 삭제합니다",
    toggle_sources="출처 보이기/숨기기",
    toggle_sources_help="답변 옆의 문단을 보이거나 숨깁니다",
    ask_again_help="마지막 질문을 다시 묻습니다",
    copy_help="답변과 출처를 클립보드에 복사합니다",
    theme="테마",
    theme_help="색을 고릅니다",
    library_help="라이브러리에 든 것과 읽지 못한 것",
    keys_help="모든 단축키를 보여 줍니다",
    quit="끝내기",
    quit_help="나갑니다. 대화는 남습니다",
    stop_adding_help="진행 중인 노트 추가를 끝냅니다",
)


def counted(text: str, count: int) -> str:
    """``text`` with its ``{count}``, in the singular or the plural form."""
    one, _, many = text.partition("|")
    return (one if count == 1 or not many else many).format(count=f"{count:,}")


def choose(environ: Mapping[str, str]) -> Strings:
    """The language the environment asks for; English where it asks for none we have."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return KO if value.lower().startswith("ko") else EN
    return EN


S = choose(os.environ)
