"""google-genai with nothing changed but base URL and key. Prints how many calls have to be in the ledger."""

import os

from google import genai
from google.genai import errors, types

MODEL = "gemini-2.5-flash"
HELLO = "Hello, wörld 👋"
ASKED = {"model": MODEL, "contents": "Say hello.", "config": types.GenerateContentConfig(max_output_tokens=50)}


def client(key):
    return genai.Client(api_key=key, http_options={"base_url": os.environ["TT_URL"]})


def refused(status, call):
    try:
        call()
    except errors.ClientError as error:
        assert error.status == status, error
        return error.message
    raise AssertionError(f"{status} was not raised")


gemini = client(os.environ["TT_KEY"])

answer = gemini.models.generate_content(**ASKED)
assert answer.text == HELLO, answer
assert answer.usage_metadata.total_token_count == 29, answer

text, usage = "", None
for piece in gemini.models.generate_content_stream(**ASKED):
    text += piece.text or ""
    usage = piece.usage_metadata or usage
assert (text, usage.total_token_count) == (HELLO, 29), (text, usage)

embedded = gemini.models.embed_content(model="gemini-embedding-001", contents=["Hi", "Ho"])
assert len(embedded.embeddings) == 2, embedded

counted = gemini.models.count_tokens(model=MODEL, contents="Hi")
assert counted.total_tokens == 20, counted
assert list(gemini.models.list()) == []
assert gemini.models.get(model=MODEL).name == f"models/{MODEL}"

told = refused("INVALID_ARGUMENT", lambda: gemini.models.generate_content(**{**ASKED, "config": {"candidate_count": 99}}))
assert "generationConfig.candidateCount" in told, told

wrong = client("tt_wrong")
refused("UNAUTHENTICATED", lambda: wrong.models.generate_content(**ASKED))

spent = client(os.environ["TT_SPENT_KEY"])
refused("RESOURCE_EXHAUSTED", lambda: spent.models.generate_content(**ASKED))
refused("RESOURCE_EXHAUSTED", lambda: list(spent.models.generate_content_stream(**ASKED)))

print(3)
