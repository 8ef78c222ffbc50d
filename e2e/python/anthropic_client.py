"""anthropic with nothing changed but base URL and key. Prints how many calls have to be in the ledger."""

import os

from anthropic import Anthropic, AuthenticationError, BadRequestError, RateLimitError

MODEL = "claude-haiku-4-5"
HELLO = "Hello, wörld 👋"
ASKED = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 50}


def client(key, path=""):
    return Anthropic(api_key=key, base_url=os.environ["TT_URL"] + path, max_retries=0)


def refused(exception, call):
    try:
        call()
    except exception as error:
        return error.body["error"]
    raise AssertionError(f"{exception} was not raised")


anthropic = client(os.environ["TT_KEY"])

for one in (anthropic, client(os.environ["TT_KEY"], "/v1")):
    answer = one.messages.create(**ASKED)
    assert answer.content[0].text == HELLO, answer
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (21, 12), answer

with anthropic.messages.stream(**ASKED) as stream:
    assert "".join(stream.text_stream) == HELLO
    assert stream.get_final_message().usage.output_tokens == 12

assert anthropic.messages.count_tokens(model=MODEL, messages=ASKED["messages"]).input_tokens == 20

told = refused(BadRequestError, lambda: anthropic.messages.create(**{**ASKED, "max_tokens": 0}))
assert (told["code"], told["field"]) == ("invalid_field", "max_tokens"), told
refused(AuthenticationError, lambda: client("tt_wrong").messages.create(**ASKED))
spent = client(os.environ["TT_SPENT_KEY"])
assert refused(RateLimitError, lambda: spent.messages.create(**ASKED))["code"] == "limit_reached"

print(3)
