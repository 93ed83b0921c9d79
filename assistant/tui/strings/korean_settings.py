"""What each setting means, in Korean; English takes it from the settings themselves."""

from __future__ import annotations

from collections.abc import Mapping

SETTINGS: Mapping[str, str] = {
    "models.embedding": (
        "임베딩 모델: 목록의 이름, 폴더(`./…` 또는 절대 경로), 허브 id(`조직/이름`). "
        "라이브러리는 만들 때 쓴 모델을 계속 씁니다."
    ),
    "models.generation": (
        "답을 쓰는 언어 모델: 위와 같거나 `.gguf` 파일, 또는 OpenAI 호환 주소에 모델 이름을 "
        "붙인 것(`http://127.0.0.1:11434/v1#qwen3:4b`). `auto`는 내장 모델 중 이 컴퓨터에 맞는 "
        "가장 큰 것입니다."
    ),
    "models.api_key_variable": "서버의 키가 든 환경 변수의 이름. 키 자체는 설정에 적지 않습니다.",
    "models.timeout": "서버의 다음 조각을 기다리는 최대 시간(초).",
    "models.context_window": (
        "서버 모델이 받는 토큰 수(프롬프트와 답변). 0이면 서버가 알려 주는 값, 없으면 4096."
    ),
    "models.thinking_tokens": (
        "서버 모델이 답변 외에 생각하는 데 쓸 수 있는 토큰 수. 0이면 생각하지 말라고 합니다."
    ),
    "models.device": "모델을 돌리는 장치.",
    "models.dtype": "가중치의 수 형식. `auto`는 하드웨어가 곱할 수 있으면 bfloat16입니다.",
    "models.threads": "모델이 쓰는 CPU 스레드 수. 0이면 물리 코어마다 하나.",
    "ingestion.node_tokens": "한 구절의 최대 토큰 수(임베딩 모델의 토크나이저 기준).",
    "ingestion.overlap_tokens": "긴 절을 나눌 때 이웃한 구절이 겹치는 토큰 수.",
    "ingestion.max_file_mb": "이보다 큰 파일(MB)은 이유를 알리고 건너뜁니다.",
    "ingestion.include": "`.gitignore` 형식의 패턴. 있으면 여기에 맞는 파일만 읽습니다.",
    "ingestion.exclude": "`.gitignore` 형식의 패턴. 폴더 자체의 `.gitignore`에 더해집니다.",
    "ingestion.read_seconds": "파일 하나를 읽는 최대 시간(초). 넘으면 멈추고 알립니다.",
    "ingestion.read_memory_mb": "파일 하나를 읽는 데 쓰는 최대 메모리(MB). 넘으면 멈추고 알립니다.",
    "retrieval.similarity_top_k": "검색이 보여 주는 구절 수.",
    "retrieval.candidates": "결과를 합치기 전에 검색마다 몇 위까지 보는지.",
    "retrieval.fusion": "뜻 검색과 낱말 검색의 결과를 합치는 방법.",
    "retrieval.dense_weight": "점수를 합칠 때 뜻 검색의 비중. 나머지는 낱말 검색의 몫입니다.",
    "retrieval.dictionary": (
        "나누지 않을 한국어 낱말을 한 줄에 하나씩 적은 파일. 비우면 설정 파일 옆의 `words.txt`가 "
        "있을 때 그것을 씁니다. 낱말이 바뀌면 다음에 노트를 맞출 때 다시 분석합니다."
    ),
    "retrieval.proximity": (
        "질문의 낱말이 구절에서 붙어 있는 것을 얼마나 치는지. 낱말 검색이 1입니다."
    ),
    "retrieval.reranker": (
        "상위 후보를 다시 읽는 크로스 인코더: 폴더 또는 허브 id. 비우면 쓰지 않습니다. "
        "CPU에서 큰 것은 몇 초가 걸립니다."
    ),
    "retrieval.rerank_candidates": "다시 읽는 상위 후보의 수.",
    "answer.max_tokens": "답변의 최대 길이(토큰).",
    "answer.sources": (
        "모델에게 주는 구절 수. 다섯은 셋보다 더 맞히지 못하면서 토큰이 절반 더 들었습니다."
    ),
    "answer.passage_tokens": (
        "긴 절에서 잘린 구절을 이웃과 함께 이 토큰 수까지 넓혀 모델에게 줍니다. 0이면 그대로."
    ),
    "answer.context_tokens": "프롬프트의 최대 토큰 수: 지시, 질문, 대화, 출처를 모두 더한 것.",
    "answer.refusal": (
        "답하는 데 필요한 근거의 정도: 0이면 무엇이든 답하고 1이면 거의 답하지 않습니다."
    ),
    "interface.theme": "색 테마의 이름.",
    "interface.language": "화면의 언어. `auto`는 시스템 언어(`LANG`)를 따릅니다.",
    "interface.linear": (
        "화면 낭독기용: 한 줄씩 이어 쓰고 아무것도 그리거나 옮기거나 지우지 않습니다. "
        "`assistant chat --linear`도 같습니다."
    ),
    "interface.reduced_motion": (
        "저절로 움직이는 것이 없습니다: 애니메이션과 깜박임이 없고 진행은 숫자로만 보입니다."
    ),
    "interface.keys": (
        "내 단축키: `chat.new=f10`처럼 쓰고 여러 개는 쉼표로 나눕니다. 무엇에 붙일 수 있는지는 "
        "`assistant settings keys`가 보여 줍니다."
    ),
}
