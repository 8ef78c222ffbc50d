"""openai with nothing changed but base URL and key. Prints how many calls have to be in the ledger."""

import os

from openai import BadRequestError, AuthenticationError, OpenAI, RateLimitError

MODEL = "gpt-4o-mini"
HELLO = "Hello, wörld 👋"
CHAT = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 50}


def client(key):
    return OpenAI(api_key=key, base_url=os.environ["TT_URL"] + "/v1", max_retries=0)


def refused(exception, call):
    try:
        call()
    except exception as error:
        return error.body
    raise AssertionError(f"{exception} was not raised")


openai = client(os.environ["TT_KEY"])

answer = openai.chat.completions.create(**CHAT)
assert answer.choices[0].message.content == HELLO, answer
assert answer.usage.total_tokens == 29, answer

text = ""
for chunk in openai.chat.completions.create(**CHAT, stream=True):
    assert chunk.usage is None, chunk
    text += chunk.choices[0].delta.content or ""
assert text == HELLO, text

usage = None
for chunk in openai.chat.completions.create(**CHAT, stream=True, stream_options={"include_usage": True}):
    usage = chunk.usage or usage
assert usage.total_tokens == 29, usage

said = openai.responses.create(model=MODEL, input="Say hello.", max_output_tokens=50)
assert said.status == "completed" and said.usage.total_tokens > 0, said
last = None
for event in openai.responses.create(model=MODEL, input="Say hello.", max_output_tokens=50, stream=True):
    last = event
assert last.type == "response.completed" and last.response.usage.total_tokens > 0, last

embedded = openai.embeddings.create(model="text-embedding-3-small", input=["Hi", "Ho"])
assert len(embedded.data) >= 1 and embedded.usage.total_tokens > 0, embedded

told = refused(BadRequestError, lambda: openai.chat.completions.create(**{**CHAT, "max_tokens": 0}))
assert (told["code"], told["param"]) == ("invalid_field", "max_tokens"), told
refused(AuthenticationError, lambda: client("tt_wrong").chat.completions.create(**CHAT))
spent = client(os.environ["TT_SPENT_KEY"])
assert refused(RateLimitError, lambda: spent.chat.completions.create(**CHAT))["code"] == "limit_reached"
refused(RateLimitError, lambda: list(spent.chat.completions.create(**CHAT, stream=True)))

print(6)
