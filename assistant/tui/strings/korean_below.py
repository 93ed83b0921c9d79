"""What the rooms beneath the interface say, in Korean."""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, str] = {
    # library
    "nothing was ingested yet": "아직 추가한 노트가 없습니다",
    "{} was not ingested": "{0}은(는) 추가한 적이 없습니다",
    "the library holds nothing of {}": "라이브러리에 {0}의 내용이 없습니다",
    "`assistant status --files` lists all": "`assistant status --files`가 모두 보여 줍니다",
    "there is no library in {}": "{0}에 라이브러리가 없습니다",
    "{} cannot be used for a library: {}": "{0}을(를) 라이브러리로 쓸 수 없습니다: {1}",
    "set `library` in the settings to a folder you may write to": (
        "설정의 `library`를 쓸 수 있는 폴더로 바꾸세요"
    ),
    "notes are already being taken in, here or by another process": (
        "여기서나 다른 프로그램에서 이미 노트를 넣고 있습니다"
    ),
    "wait until that is done; questions can be asked meanwhile": (
        "끝날 때까지 기다리세요. 그동안에도 질문할 수 있습니다"
    ),
    "{} is read-only": "{0}은(는) 읽기 전용입니다",
    "copy the library to a folder you may write to, or set `library` in the settings": (
        "라이브러리를 쓸 수 있는 폴더로 옮기거나 설정의 `library`를 바꾸세요"
    ),
    "{} is of an older version and cannot be brought up to date here": (
        "{0}은(는) 이전 판이며 여기서는 새 판으로 바꿀 수 없습니다"
    ),
    "{} was made by a newer version of assistant": "{0}은(는) 더 새로운 assistant가 만들었습니다",
    "update assistant": "assistant를 업데이트하세요",
    "another process is writing to {}": "다른 프로그램이 {0}에 쓰고 있습니다",
    "wait for it to finish, then try again": "끝나기를 기다렸다가 다시 해 보세요",
    "the disk is full: {}": "디스크가 가득 찼습니다: {0}",
    "free some space; what was stored before is whole": (
        "공간을 비우세요. 전에 저장한 것은 그대로 있습니다"
    ),
    "{} cannot be written or read: {}": "{0}을(를) 쓰거나 읽을 수 없습니다: {1}",
    "is there room on its disk, and within your quota? What was stored before is whole": (
        "디스크 공간과 할당량이 남아 있나요? 전에 저장한 것은 그대로 있습니다"
    ),
    "{} cannot be written": "{0}에 쓸 수 없습니다",
    "{} is damaged or not a library ({})": "{0}이(가) 망가졌거나 라이브러리가 아닙니다 ({1})",
    "move {} away and ingest your notes again, or restore a backup": (
        "{0}을(를) 다른 곳으로 옮기고 노트를 다시 추가하거나 백업을 되돌리세요"
    ),
    "move the library away and ingest your notes again, or restore a backup": (
        "라이브러리를 다른 곳으로 옮기고 노트를 다시 추가하거나 백업을 되돌리세요"
    ),
    "move the library away and ingest your notes again": (
        "라이브러리를 다른 곳으로 옮기고 노트를 다시 추가하세요"
    ),
    "run `assistant doctor`": "`assistant doctor`를 실행해 보세요",
    "{} is a database, but not a library": "{0}은(는) 데이터베이스지만 라이브러리가 아닙니다",
    "choose another folder": "다른 폴더를 고르세요",
    "the library is closed": "라이브러리가 닫혀 있습니다",
    "{} was not closed properly and its folder is read-only": (
        "{0}이(가) 제대로 닫히지 않았고 폴더가 읽기 전용입니다"
    ),
    "open it once where it can be written": "쓸 수 있는 곳에서 한 번 여세요",
    "the question's vector has shape {}, the library's embeddings {} numbers": (
        "질문의 벡터는 {0} 꼴인데 라이브러리의 임베딩은 수 {1}개입니다"
    ),
    "use the embedding model the library was made with": ("라이브러리를 만든 임베딩 모델을 쓰세요"),
    "{} is not UTF-8 text": "{0}은(는) UTF-8 글이 아닙니다",
    "save it as UTF-8": "UTF-8로 저장하세요",
    "the dictionary {} cannot be read: {}": "낱말 파일 {0}을(를) 읽을 수 없습니다: {1}",
    "mend or take out retrieval.dictionary": "retrieval.dictionary를 고치거나 빼세요",
    "{}, line {}: {} {}": "{0} {1}번째 줄: {2} {3}",
    "one Korean word of two letters or more a line, as 전이학습 or C언어; mend or remove it": (
        "한 줄에 두 글자 이상의 낱말 하나를 적습니다(예: 전이학습, C언어). 고치거나 빼세요"
    ),
    "stored embeddings are not of dimension {}": "저장된 임베딩이 {0}차원이 아닙니다",
    "embeddings of shape {}, expected ({}, {})": "임베딩이 {0} 꼴입니다. ({1}, {2})이어야 합니다",
    "the embedding model gave numbers that are not finite": (
        "임베딩 모델이 유한하지 않은 수를 냈습니다"
    ),
    "set models.dtype to float32": "models.dtype을 float32로 바꾸세요",
    "the library in {} was embedded by another model ({})": (
        "{0}의 라이브러리는 다른 모델({1})로 임베딩되었습니다"
    ),
    "nothing is lost: `assistant models use {}` goes on with it; or set `library` to a new folder "
    "and ingest there": (
        "잃은 것은 없습니다. `assistant models use {0}`로 이어 쓰거나, `library`를 새 폴더로 바꿔 "
        "거기에 추가하세요"
    ),
    "`assistant models use {}` goes on with it; or set `library` to a new folder and ingest "
    "there": (
        "`assistant models use {0}`로 이어 쓰거나, `library`를 새 폴더로 바꿔 거기에 추가하세요"
    ),
    "the library was embedded by {}, models.embedding is {}": (
        "라이브러리는 {0}로 임베딩되었는데 models.embedding은 {1}입니다"
    ),
    "the library in {} was analysed by {}, this is {}": (
        "{0}의 라이브러리는 {1}로 분석되었고 지금 것은 {2}입니다"
    ),
    "`assistant ingest`, or F5 in the chat's library, analyses it anew; nothing is embedded": (
        "`assistant ingest`나 라이브러리 화면의 F5가 다시 분석합니다. 임베딩은 그대로입니다"
    ),
    "free some space; nothing is lost, it can be made again from the library": (
        "공간을 비우세요. 라이브러리에서 다시 만들 수 있어 잃은 것은 없습니다"
    ),
    "there is no chat {}": "{0}번 대화가 없습니다",
    "it may have been deleted; `assistant chats` lists those there are": (
        "삭제되었을 수 있습니다. `assistant chats`가 있는 것을 보여 줍니다"
    ),
    "a stored answer of chat {} cannot be read": "{0}번 대화의 저장된 답변을 읽을 수 없습니다",
    "delete that chat": "그 대화를 삭제하세요",
    # notebooks, export
    "there is no notebook {}": "{0}이라는 노트북이 없습니다",
    "there are: {}": "있는 것: {0}",
    "a notebook needs a name": "노트북에는 이름이 있어야 합니다",
    "for instance: --notebook 머신러닝": "예: --notebook 머신러닝",
    "the notebook {} holds no notes": "노트북 {0}에 노트가 없습니다",
    "assistant ingest FOLDER --notebook NAME makes one": (
        "`assistant ingest 폴더 --notebook 이름`으로 만듭니다"
    ),
    "{} cannot be written: {}": "{0}을(를) 쓸 수 없습니다: {1}",
    "name another file or folder": "다른 파일이나 폴더를 적으세요",
    # files
    "{} does not exist": "{0}이(가) 없습니다",
    "check the spelling": "철자를 확인하세요",
    "not a regular file": "일반 파일이 아님",
    "empty": "비어 있음",
    "too large ({})": "너무 큼 ({0})",
    "being written": "쓰는 중",
    "a link to {}": "{0}을(를) 가리키는 링크",
    "broken link": "끊어진 링크",
    "needs OCR": "글자 인식(OCR)이 필요함",
    "{} needs OCR": "{0}은(는) 글자 인식(OCR)이 필요합니다",
    "{} holds no text": "{0}에 글자가 없습니다",
    "{} holds no text that OCR could read": "{0}에서 OCR이 읽을 수 있는 글자가 없습니다",
    "its pages may be pictures: run OCR on it first": (
        "쪽이 그림일 수 있습니다. 먼저 OCR을 돌리세요"
    ),
    "its slides may be pictures: save it as PDF and run OCR on that": (
        "슬라이드가 그림일 수 있습니다. PDF로 저장하고 OCR을 돌리세요"
    ),
    "{} is refused: {}": "{0}은(는) 읽지 않습니다: {1}",
    "if you trust it, unpack it and save it anew": "믿을 수 있으면 풀어서 새로 저장하세요",
    "{} is locked by a password": "{0}에 암호가 걸려 있습니다",
    "the PDF has a password": "PDF에 암호가 걸려 있습니다",
    "save a copy without the password": "암호 없는 사본을 저장하세요",
    "{} is packed by a method that is not read": "{0}은(는) 읽지 못하는 방식으로 압축되어 있습니다",
    "{} unpacks to more than is read": "{0}은(는) 풀면 너무 커집니다",
    "unpack the archive and ingest the folder": "압축을 풀고 그 폴더를 추가하세요",
    "export or download it again": "다시 내보내거나 내려받으세요",
    "{} is damaged: its checksum is another": "{0}이(가) 망가졌습니다: 검사합이 다릅니다",
    "{} is damaged: {}": "{0}이(가) 망가졌습니다: {1}",
    "{} is not a zip archive, or was cut short": "{0}은(는) zip 파일이 아니거나 잘렸습니다",
    "{}: {} is not a format that is read": "{0}: {1}은(는) 읽지 않는 형식입니다",
    "save it as .pdf, .docx or .txt": ".pdf, .docx, .txt로 저장하세요",
    "{} cannot be read: {}": "{0}을(를) 읽을 수 없습니다: {1}",
    "{} cannot be opened: {}": "{0}을(를) 열 수 없습니다: {1}",
    "permission denied": "읽을 권한이 없음",
    "check who may read it": "누가 읽을 수 있는지 확인하세요",
    "open it and save it again as {}": "열어서 {0}(으)로 다시 저장하세요",
    "{} has rows of more than {} cells": "{0}에 칸이 {1}개가 넘는 줄이 있습니다",
    "open it and save it again with fewer columns, or as .txt if it is a text": (
        "열을 줄여 다시 저장하거나, 글이면 .txt로 저장하세요"
    ),
    "{} is not an e-mail: it has no header": "{0}은(는) 전자 우편이 아닙니다: 머리말이 없습니다",
    "name it .txt if it is a text": "글이면 이름을 .txt로 바꾸세요",
    "{} is broken: it names no chapter": "{0}이(가) 망가졌습니다: 장이 적혀 있지 않습니다",
    "{} is broken: no chapter can be read": "{0}이(가) 망가졌습니다: 읽을 수 있는 장이 없습니다",
    "{} is not an EPUB, or a broken one": "{0}은(는) EPUB이 아니거나 망가졌습니다",
    "{} is broken: {} is missing": "{0}이(가) 망가졌습니다: {1}이(가) 없습니다",
    "{} is broken: {} is no XML": "{0}이(가) 망가졌습니다: {1}은(는) XML이 아닙니다",
    "{} is broken: {} is damaged": "{0}이(가) 망가졌습니다: {1}이(가) 손상되었습니다",
    "download or export it again as .epub": ".epub으로 다시 내려받거나 내보내세요",
    "{} is locked by DRM": "{0}은(는) DRM으로 잠겨 있습니다",
    "only its seller's app can open it": "판매처의 앱에서만 열립니다",
    "{} is a document of Hangul 97 or older": "{0}은(는) 한글 97 이전 문서입니다",
    "open it in Hangul and save it again as .hwpx": "한글에서 열어 .hwpx로 다시 저장하세요",
    "{} is locked by rights management (DRM)": "{0}은(는) 권한 관리(DRM)로 잠겨 있습니다",
    "{} is locked for distribution (배포용 문서)": "{0}은(는) 배포용 문서라 잠겨 있습니다",
    "open it in Hangul and save a copy without the lock": (
        "한글에서 열어 잠기지 않은 사본을 저장하세요"
    ),
    "{} is broken: none of its text can be read": "{0}이(가) 망가져 글을 읽을 수 없습니다",
    "{} is not a Hangul document, or a broken one": "{0}은(는) 한글 문서가 아니거나 망가졌습니다",
    "{} is a Hangul document of a version that is not read": (
        "{0}은(는) 읽지 않는 판의 한글 문서입니다"
    ),
    "{} is broken: its archive is damaged": "{0}이(가) 망가졌습니다: 압축이 손상되었습니다",
    "save a smaller copy": "더 작은 사본을 저장하세요",
    "{} is too large a picture": "{0}은(는) 너무 큰 그림입니다",
    "{} is not a notebook: it has no cells": "{0}은(는) 주피터 노트북이 아닙니다: 셀이 없습니다",
    "{} is not a notebook: its JSON is broken": (
        "{0}은(는) 주피터 노트북이 아닙니다: JSON이 망가졌습니다"
    ),
    "open it in Jupyter and save it again as .ipynb": "주피터에서 열어 .ipynb로 다시 저장하세요",
    "{} is in an old format under a new name": "{0}은(는) 이름만 바꾼 옛 형식입니다",
    "{} is nested too deeply to be read": "{0}은(는) 너무 깊이 겹쳐 있어 읽을 수 없습니다",
    "save the page again": "웹 페이지를 다시 저장하세요",
    "{}: none of its pages can be read": "{0}: 읽을 수 있는 쪽이 없습니다",
    "open it and save it again as .pdf": "열어서 .pdf로 다시 저장하세요",
    "{} is not {}, or a broken one": "{0}은(는) {1} 파일이 아니거나 망가졌습니다",
    "a {} file": "{0}",
    "{} is in the XML format of Excel 2003": "{0}은(는) 엑셀 2003의 XML 형식입니다",
    "open it and save it again as .xlsx": "열어서 .xlsx로 다시 저장하세요",
    "{} has cells too far apart: {} lie between them": (
        "{0}의 칸들이 너무 떨어져 있습니다: 사이에 {1}"
    ),
    "delete the stray ones at the far end of its sheets": "시트 끝에 동떨어진 칸을 지우세요",
    "{} holds code that was packed by a program, not to be read": (
        "{0}은(는) 프로그램이 압축한 코드라 읽을 것이 없습니다"
    ),
    "leave it out, and ingest the code it was made from": "이것은 빼고 원래 코드를 추가하세요",
    "{} is not a file of subtitles: it holds no times": (
        "{0}은(는) 자막 파일이 아닙니다: 시각이 없습니다"
    ),
    "{} is a web archive without a page": "{0}은(는) 페이지가 없는 웹 보관 파일입니다",
    "{} makes its reader crash ({})": "{0}을(를) 읽다가 읽기 프로그램이 멈췄습니다 ({1})",
    "it may be damaged: open it and save it anew": "망가졌을 수 있습니다. 열어서 새로 저장하세요",
    "{} was not read within {} seconds": "{0}을(를) {1}초 안에 읽지 못했습니다",
    "save it in parts, or raise ingestion.read_seconds in the settings": (
        "나누어 저장하거나 설정의 ingestion.read_seconds를 늘리세요"
    ),
    "{} takes more than {} MB of memory to read": "{0}을(를) 읽는 데 메모리가 {1} MB 넘게 듭니다",
    "save it in parts, or raise ingestion.read_memory_mb in the settings": (
        "나누어 저장하거나 설정의 ingestion.read_memory_mb를 늘리세요"
    ),
    "the process that reads files cannot be started (exit status {})": (
        "파일을 읽는 프로그램을 시작할 수 없습니다 (종료 코드 {0})"
    ),
    "install the assistant anew; `assistant doctor` tells what is missing": (
        "assistant를 다시 설치하세요. 무엇이 없는지는 `assistant doctor`가 알려 줍니다"
    ),
    # questions
    "the question is empty": "질문이 비어 있습니다",
    "type a question about your notes": "노트에 대한 질문을 적으세요",
    "the library holds no notes of {}": "라이브러리에 {0}의 노트가 없습니다",
    "ingest them, or ask all your notes": "추가하거나 모든 노트에 물어보세요",
    "everything there is was excluded": "있는 것을 모두 제외했습니다",
    "exclude less": "덜 제외하세요",
    "the library holds no notes yet": "라이브러리에 아직 노트가 없습니다",
    "run `assistant ingest FOLDER`": "Ctrl+L로 노트 폴더를 추가하세요",
    "the refusal calibration for any encoder is missing": "답변 거절의 기준값이 없습니다",
    "install anew": "다시 설치하세요",
    "install the program anew": "프로그램을 다시 설치하세요",
    "the question is too long: more than {} tokens with its instructions": (
        "질문이 너무 깁니다: 지시문과 함께 {0}토큰이 넘습니다"
    ),
    "shorten it, or raise answer.context_tokens": "줄이거나 answer.context_tokens를 늘리세요",
    # settings
    "setting {}: must be a section": "설정 {0}: 구역이어야 합니다",
    "see {}": "{0}을(를) 보세요",
    "no settings file at {}": "{0}에 설정 파일이 없습니다",
    "mend or unset ASSISTANT_CONFIG": "ASSISTANT_CONFIG를 고치거나 지우세요",
    "{} is not valid TOML: {}": "{0}은(는) 올바른 TOML이 아닙니다: {1}",
    "mend the line it names": "거기 적힌 줄을 고치세요",
    "mend it first": "먼저 고치세요",
    "unknown variable {}": "모르는 환경 변수 {0}",
    "unset it; `assistant --help` lists all": "지우세요. `assistant --help`가 모두 보여 줍니다",
    "unknown setting {}": "모르는 설정 {0}",
    "did you mean {}?": "혹시 {0}인가요?",
    "`assistant settings` lists all": "`assistant settings`가 모두 보여 줍니다",
    "remove it from {} or the environment": "{0}이나 환경 변수에서 빼세요",
    "setting {}: {}": "설정 {0}: {1}",
    "must be text": "글자여야 합니다",
    "must be a list of texts": "글의 목록이어야 합니다",
    "must be a number": "수여야 합니다",
    "must be true or false": "true나 false여야 합니다",
    "must be a whole number": "정수여야 합니다",
    "must be one of {}": "다음 중 하나여야 합니다: {0}",
    "must be {} or more": "{0} 이상이어야 합니다",
    "must be {} or less": "{0} 이하여야 합니다",
    "must be more than {}": "{0}보다 커야 합니다",
    "must be {}": "{0}이어야 합니다",
    "the name of a variable": "변수의 이름",
    "{} is written in a way that cannot be changed safely": (
        "{0}은(는) 안전하게 고칠 수 없는 꼴로 적혀 있습니다"
    ),
    "take {} out of [{}] yourself": "[{1}]에서 {0}을(를) 직접 빼세요",
    "write {} = {} beneath [{}] yourself": "[{2}] 아래에 {0} = {1}을(를) 직접 적으세요",
    "{} was not written whole": "{0}이(가) 끝까지 쓰이지 않았습니다",
    "is the disk full?": "디스크가 가득 찼나요?",
    "check its folder": "폴더를 확인하세요",
    "there is no setting {}": "{0}이라는 설정이 없습니다",
    # models
    "loading": "불러오는 중",
    "converting": "변환하는 중",
    "saving": "저장하는 중",
    "verifying": "검사하는 중",
    "reading the vocabulary": "어휘를 읽는 중",
    "waiting for another process to convert": "다른 프로그램의 변환을 기다리는 중",
    "no language model is installed": "설치된 언어 모델이 없습니다",
    "the weights of {} are not on this machine: {} of {} packages missing, {} first": (
        "{0}의 가중치가 이 컴퓨터에 없습니다: 패키지 {2}개 중 {1}개가 없습니다(처음은 {3})"
    ),
    "the weights of {} are not the published ones (SHA-256 {}…, {}… expected), read from {}": (
        "{0}의 가중치가 배포된 것과 다릅니다 (SHA-256 {1}…, {2}…이어야 함). 읽은 곳: {3}"
    ),
    "a weight package of {} is damaged: {}": "{0}의 가중치 패키지가 망가졌습니다: {1}",
    "{} is damaged: {} bytes where {} belong": (
        "{0}이(가) 망가졌습니다: {2}바이트여야 하는데 {1}바이트"
    ),
    "{} is not in the expected format: {}": "{0}의 형식이 다릅니다: {1}",
    "{} GB of disk are needed in {}, {} GB are free": (
        "{1}에 {0} GB가 필요한데 {2} GB가 비어 있습니다"
    ),
    "free some space, or move everything elsewhere with ASSISTANT_HOME": (
        "공간을 비우거나 ASSISTANT_HOME으로 모두 다른 곳에 두세요"
    ),
    "the converted {} cannot be written to {}: {}": "변환한 {0}을(를) {1}에 쓸 수 없습니다: {2}",
    "free some disk space or mend the folder's permissions": (
        "공간을 비우거나 폴더의 권한을 고치세요"
    ),
    "there is no {} model {}": "{1}이라는 {0} 모델이 없습니다",
    "there is no embedding model {}": "{0}이라는 임베딩 모델이 없습니다",
    "there is no language model {}": "{0}이라는 언어 모델이 없습니다",
    "{} is no {} model": "{0}은(는) {1} 모델이 아닙니다",
    "{} is no embedding model": "{0}은(는) 임베딩 모델이 아닙니다",
    "{} is no language model": "{0}은(는) 언어 모델이 아닙니다",
    "{} holds no model": "{0}에 모델이 없습니다",
    "it should have a config.json, as transformers saves it": (
        "transformers가 저장하는 config.json이 있어야 합니다"
    ),
    "{} is no GGUF file": "{0}은(는) GGUF 파일이 아닙니다",
    "download it again": "다시 내려받으세요",
    "check the path of the .gguf file": ".gguf 파일의 경로를 확인하세요",
    "{} is not installed": "{0}이(가) 설치되어 있지 않습니다",
    "weights are not installed": "가중치가 설치되어 있지 않음",
    "{} brings no chat template": "{0}에 대화 틀이 없습니다",
    "{} has no chat template": "{0}에 대화 틀이 없습니다",
    "take the instruct version of the model": "그 모델의 instruct 판을 쓰세요",
    "choose an instruct model": "instruct 모델을 고르세요",
    "{} cannot be converted: {}": "{0}을(를) 변환할 수 없습니다: {1}",
    "transformers reads the common architectures in the common quantizations": (
        "transformers는 흔한 구조와 양자화만 읽습니다"
    ),
    "torch finds no {} device": "torch가 {0} 장치를 찾지 못했습니다",
    'set models.device to "auto", or see `assistant doctor`': (
        'models.device를 "auto"로 바꾸거나 `assistant doctor`를 보세요'
    ),
    "the embedding model {} cannot be loaded: {}": "임베딩 모델 {0}을(를) 불러올 수 없습니다: {1}",
    "check models.embedding; `assistant models` lists what is there": (
        "models.embedding을 확인하세요. `assistant models`가 있는 것을 보여 줍니다"
    ),
    "the language model {} cannot be loaded: {}": "언어 모델 {0}을(를) 불러올 수 없습니다: {1}",
    "check models.generation; `assistant models` lists what is there": (
        "models.generation을 확인하세요. `assistant models`가 있는 것을 보여 줍니다"
    ),
    "models.{} is {}: no folder, no file and no model of that name": (
        "models.{0}의 값 {1}: 그런 폴더도 파일도 모델도 없습니다"
    ),
    "change models.{}; `assistant models` lists them": (
        "models.{0}을(를) 바꾸세요. `assistant models`가 보여 줍니다"
    ),
    "delete {}: it is made anew": "{0}을(를) 지우면 새로 만듭니다",
    "{} failed while answering: {}": "{0}이(가) 답하다가 실패했습니다: {1}",
    "ask again; `assistant doctor` checks the machine": (
        "다시 물어보세요. `assistant doctor`가 이 컴퓨터를 점검합니다"
    ),
    "{} ran out of memory on {}": "{1}에서 {0}의 메모리가 모자랐습니다",
    "close other programs, lower answer.context_tokens or choose a smaller models.generation": (
        "다른 프로그램을 닫거나, answer.context_tokens나 models.generation을 더 작게 하세요"
    ),
    "{} cannot be fetched from the model hub: {}": (
        "{0}을(를) 모델 허브에서 가져올 수 없습니다: {1}"
    ),
    "check the id and the network, or use an embedded model": (
        "id와 네트워크를 확인하거나 내장 모델을 쓰세요"
    ),
    "{} is not a tokenizer: {}": "{0}은(는) 토크나이저가 아닙니다: {1}",
    "choose a model that brings a tokenizer.json": "tokenizer.json이 있는 모델을 고르세요",
    "retrieval.reranker is {}: no folder, and no model of that name": (
        "retrieval.reranker의 값 {0}: 그런 폴더도 모델도 없습니다"
    ),
    "name a folder (./…) or a hub id (org/name), or leave it empty": (
        "폴더(./…)나 허브 id(조직/이름)를 적거나 비워 두세요"
    ),
    "the reranker {} cannot be loaded: {}": "재순위 모델 {0}을(를) 불러올 수 없습니다: {1}",
    "the reranker {} failed: {}": "재순위 모델 {0}이(가) 실패했습니다: {1}",
    "the reranker {} gave scores that are no numbers": "재순위 모델 {0}의 점수가 수가 아닙니다",
    "{} is no cross-encoder: it has no weights for a score": (
        "{0}은(는) 크로스 인코더가 아닙니다: 점수를 내는 가중치가 없습니다"
    ),
    "{} gives {} numbers for a pair, a reranker one": (
        "{0}은(는) 한 쌍에 수를 {1}개 냅니다. 재순위 모델은 하나여야 합니다"
    ),
    'try models.dtype = "float32", or another retrieval.reranker': (
        'models.dtype = "float32"로 하거나 다른 retrieval.reranker를 쓰세요'
    ),
    "set retrieval.rerank_candidates lower, or take another retrieval.reranker": (
        "retrieval.rerank_candidates를 줄이거나 다른 retrieval.reranker를 쓰세요"
    ),
    # a model on the network
    "write it as http://127.0.0.1:11434/v1#MODEL": "http://127.0.0.1:11434/v1#모델처럼 적으세요",
    "the URL of {} holds a name or password": "{0}의 주소에 이름이나 암호가 들어 있습니다",
    "leave it out; the key is read from the environment (models.api_key_variable)": (
        "빼세요. 키는 환경 변수에서 읽습니다(models.api_key_variable)"
    ),
    "it offers {}; choose by: assistant models use '{}#MODEL'": (
        "거기 있는 것: {0}. `assistant models use '{1}#모델'`로 고르세요"
    ),
    "what {} holds is no key": "{0}에 든 것은 키가 아닙니다",
    "it has letters no key can have": "키에 있을 수 없는 글자가 있습니다",
    "{} does not tell which models it has": "{0}이(가) 어떤 모델이 있는지 알려 주지 않습니다",
    "name one: assistant models use '{}#MODEL'": "하나를 적으세요: assistant models use '{0}#모델'",
    "{} does not list its models as OpenAI's endpoints do": (
        "{0}은(는) OpenAI 방식으로 모델을 알려 주지 않습니다"
    ),
    "check the URL: it often ends in /v1": "주소를 확인하세요. 흔히 /v1로 끝납니다",
    "{} sent what is no chat completion: {}": "{0}이(가) 보낸 것은 답변이 아닙니다: {1}",
    "{} broke off in the middle of an answer": "{0}이(가) 답하다가 끊었습니다",
    "ask again; the server's own log tells why": "다시 물어보세요. 까닭은 서버의 기록에 있습니다",
    "{} failed with HTTP {}{}": "{0}이(가) HTTP {1}로 실패했습니다{2}",
    "see the server's log": "서버의 기록을 보세요",
    "{} cannot be reached: {}": "{0}에 닿을 수 없습니다: {1}",
    "check the network": "네트워크를 확인하세요",
    "the prompt is longer than the model at {} can take{}": (
        "프롬프트가 {0}의 모델이 받을 수 있는 것보다 깁니다{1}"
    ),
    "lower answer.context_tokens, set models.context_window to what the server allows, or raise it "
    "there": ("answer.context_tokens를 줄이거나 models.context_window를 서버에 맞추세요"),
    "{} refuses the key, or asks for one{}": "{0}이(가) 키를 거절하거나 키를 요구합니다{1}",
    "put the right one into $ASSISTANT_API_KEY (models.api_key_variable names another)": (
        "맞는 키를 $ASSISTANT_API_KEY에 넣으세요 (models.api_key_variable로 바꿀 수 있습니다)"
    ),
    "{} has no such model, or nothing at {}{}": (
        "{0}에 그런 모델이 없거나 {1}에 아무것도 없습니다{2}"
    ),
    "`assistant doctor` lists the models it offers; the URL often ends in /v1": (
        "`assistant doctor`가 있는 모델을 보여 줍니다. 주소는 흔히 /v1로 끝납니다"
    ),
    "{} has had enough questions for now{}": "{0}이(가) 지금은 더 받지 않습니다{1}",
    "wait, or look at your quota": "기다리거나 사용 한도를 확인하세요",
    "{} sends elsewhere (HTTP {}), which is not followed": (
        "{0}이(가) 다른 곳으로 보내지만(HTTP {1}) 따라가지 않습니다"
    ),
    "configure the URL that it is really at": "실제 주소를 적으세요",
    "{} refuses the request{}": "{0}이(가) 요청을 거절합니다{1}",
    "{} failed while answering{}": "{0}이(가) 답하다가 실패했습니다{1}",
    "no server answers at {}": "{0}에서 답하는 서버가 없습니다",
    "start it (Ollama: `ollama serve`), or go back: assistant models use auto": (
        "서버를 켜거나(Ollama: `ollama serve`) 되돌리세요: assistant models use auto"
    ),
    "there is no host {}": "{0}이라는 컴퓨터가 없습니다",
    "check the name, and the network": "이름과 네트워크를 확인하세요",
    "{} said nothing for {} s": "{0}이(가) {1}초 동안 아무 말이 없습니다",
    "is it still loading the model? models.timeout is how long to wait": (
        "아직 모델을 불러오는 중인가요? 기다리는 시간은 models.timeout입니다"
    ),
    "no secure connection to {}: {}": "{0}에 안전하게 연결할 수 없습니다: {1}",
    "a server on your own machine is usually http://, not https://": (
        "내 컴퓨터의 서버는 보통 https://가 아니라 http://입니다"
    ),
    "{} broke the connection": "{0}이(가) 연결을 끊었습니다",
    "{} does not speak HTTP: {}": "{0}은(는) HTTP를 쓰지 않습니다: {1}",
    "check the port": "포트를 확인하세요",
    "{} has no model {}": "{0}에 {1} 모델이 없습니다",
    "{} spent all its tokens on thinking": "{0}이(가) 생각하는 데 토큰을 다 썼습니다",
    "give it room by models.thinking_tokens = 2048, or choose an instruct model": (
        "models.thinking_tokens = 2048로 여유를 주거나 instruct 모델을 고르세요"
    ),
    "a filter at {} cut the answer off": "{0}의 걸러내기가 답변을 끊었습니다",
    "ask in other words, or choose another model": "다르게 묻거나 다른 모델을 고르세요",
    # evaluation
    "two of the folders have the same name": "폴더 둘의 이름이 같습니다",
    "evaluate them one by one": "하나씩 평가하세요",
    "{} limits for {} folders": "폴더 {1}개에 한도가 {0}개",
    "give one --limit for all, or one for each in their order": (
        "--limit을 모두에 하나, 또는 차례대로 하나씩 주세요"
    ),
    "{} says nothing about answers, only about passages": "{0}에는 답이 없고 구절만 있습니다",
    'its queries.jsonl needs "answers", a list of strings (empty: refuse), on each line': (
        'queries.jsonl의 줄마다 "answers"(문자열 목록, 비우면 거절)가 있어야 합니다'
    ),
    # check-up
    "library is whole": "라이브러리 상태",
    "text, words and vectors agree": "글, 낱말, 벡터가 서로 맞음",
    "dictionary": "낱말 파일",
    "refusals": "답변 거절",
    "model {}": "모델 {0}",
    "embedding model": "임베딩 모델",
    "vector index": "벡터 색인",
    "memory": "메모리",
    "numbers": "수 형식",
    "device": "장치",
    "endpoint": "서버",
    "notes": "노트",
    "reranker": "재순위 모델",
    "they stay on this machine": "이 컴퓨터를 떠나지 않음",
    "assistant models use auto: answers are then written on this machine": (
        "assistant models use auto: 답변을 이 컴퓨터에서 씁니다"
    ),
    "{} at {} is there, {}": "{1}에 {0}이(가) 있음, {2}",
    "cannot be imported: {}": "불러올 수 없음: {0}",
    "3.11 to 3.13 are tested": "3.11부터 3.13까지 시험했습니다",
    "float32: this CPU has no bfloat16 arithmetic, answers start several times later": (
        "float32: 이 CPU에는 bfloat16 연산이 없어 답이 몇 배 늦게 시작됩니다"
    ),
    "a smaller models.generation or a GPU helps": (
        "더 작은 models.generation이나 GPU가 도움이 됩니다"
    ),
    "{}, {} build, {} GPUs": "{0}, {1} 판, GPU {2}개",
    "{} usable": "{0}개 쓸 수 있음",
    "none usable; searching on the CPU": "쓸 수 있는 것이 없어 CPU에서 찾음",
    "faiss-gpu is installed, but the CPU build has overwritten it": (
        "faiss-gpu를 설치했지만 CPU 판이 덮어썼습니다"
    ),
    "off: retrieval.reranker names none": "꺼짐: retrieval.reranker가 비어 있음",
    "{} from the model hub, loaded at the first question": "모델 허브의 {0}, 첫 질문에 불러옴",
    "off: {}": "꺼짐: {0}",
    "{} is missing": "{0}이(가) 없음",
    "the extra [ocr]": "선택 기능 [ocr]",
    "the program tesseract": "tesseract 프로그램",
    "tesseract's data for {}": "tesseract의 {0} 자료",
    "scans and pictures are read": "스캔과 그림을 읽음",
    "{} in which OCR found no text": "{0}. OCR이 글자를 찾지 못했습니다",
    "{}, for OCR to read; {} is missing: {}": "{0}. OCR이 읽어야 하는데 {1}이(가) 없습니다: {2}",
    "it is a picture": "그림입니다",
    "its pages are pictures": "쪽이 그림입니다",
    "fitted to {}": "{0}에 맞춤",
    "not fitted to {}: where words can match, they alone decide": (
        "{0}에 맞추지 않음: 낱말이 맞을 수 있으면 낱말로만 정함"
    ),
    "{} words of yours are kept whole": "낱말 {0}개를 나누지 않음",
    "no words of yours": "적어 둔 낱말 없음",
    "{} words of yours are kept whole ({})": "낱말 {0}개를 나누지 않음 ({1})",
    "no words of yours ({})": "적어 둔 낱말 없음 ({0})",
    "ready": "준비됨",
    "is prepared at first use": "처음 쓸 때 준비함",
    "it is fetched from the model hub when it is first needed, and kept": (
        "처음 필요할 때 모델 허브에서 가져와 보관함"
    ),
    "CPU, {} threads": "CPU, 스레드 {0}개",
    "CPU, {} thread": "CPU, 스레드 {0}개",
    "check the driver with nvidia-smi": "nvidia-smi로 드라이버를 확인하세요",
    "exact up to {} passages of 384 numbers or {} of 896, fast scan and exact scores beyond": (
        "384차원 {0}개, 896차원 {1}개까지 정확히, 그 너머는 빠르게 훑고 정확한 점수로"
    ),
    "exact": "정확한 검색",
    "flat fp16": "전수 비교(fp16)",
    "fast scan, best {} exact, recall@10 {}": "빠른 검색, 상위 {0}개는 정확히, recall@10 {1}",
    "{} files are not supported": "{0} 파일은 읽지 않음",
    "no suffix": "확장자 없는",
    "{} MB is over the limit of {} MB": "{0} MB로 한도 {1} MB를 넘음",
    "{} is too large a picture: {} × {} pixels": "{0}은(는) 너무 큰 그림입니다: {1} × {2} 픽셀",
    "all {} notes of {} have vanished; they are kept in the library": (
        "{1}의 노트 {0}개가 모두 사라졌습니다. 라이브러리에는 남겨 두었습니다"
    ),
    "is its drive connected?": "드라이브가 연결되어 있나요?",
    "known: {}; or a folder (./…), a hub id (org/name){}": (
        "아는 것: {0}. 또는 폴더(./…), 허브 id(조직/이름){1}"
    ),
    "did you mean {}? known: {}; or a folder (./…), a hub id (org/name){}": (
        "혹시 {0}인가요? 아는 것: {1}. 또는 폴더(./…), 허브 id(조직/이름){2}"
    ),
    ", a .gguf file or the URL of an endpoint": ", .gguf 파일, 서버 주소",
    "{} GiB free of {}": "{1} GiB 중 {0} GiB 비어 있음",
    "close other programs: the smallest language model needs up to 4 GiB": (
        "다른 프로그램을 닫으세요. 가장 작은 언어 모델도 4 GiB까지 씁니다"
    ),
    "check retrieval.reranker: it has to be a cross-encoder, such as a bge-reranker": (
        "retrieval.reranker를 확인하세요. bge-reranker 같은 크로스 인코더여야 합니다"
    ),
    "{} is not installed, taking the smaller {}; {} brings it": (
        "{0}이(가) 설치되어 있지 않아 더 작은 {1}을(를) 씁니다. {2}로 설치합니다"
    ),
    "{} needs {} GiB of memory: only {} GiB free, taking the smaller model {}": (
        "{0}에는 메모리 {1} GiB가 필요한데 {2} GiB만 비어 있어 더 작은 {3}을(를) 씁니다"
    ),
    'pip install "assistant-desk[{}]"  (or lay the wheels in {})': (
        'pip install "assistant-desk[{0}]" (또는 휠 파일을 {1}에 두세요)'
    ),
    "{}; or search without it: assistant models use {}": (
        "{0}. 이것 없이 찾으려면: assistant models use {1}"
    ),
    "exact, float16": "정확한 검색, float16",
    "{} on GPU": "{0}, GPU",
    # places
    "p. {}": "{0}쪽",
    "slide {}": "슬라이드 {0}",
    "cell {}": "셀 {0}",
    "row {}": "{0}행",
    "rows {}–{}": "{0}–{1}행",
    "line {}": "{0}번째 줄",
}
