"""boto3 with nothing changed but endpoint and key. Prints how many calls have to be in the ledger."""

import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
LLAMA = "us.meta.llama4-scout-17b-instruct-v1:0"
HELLO = "Hello, wörld 👋"
MESSAGES = [{"role": "user", "content": [{"text": "Say hello."}]}]
CEILING = {"maxTokens": 50}
CLAUDE_BODY = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Say hello."}],
}


def client(key):
    os.environ["AWS_BEARER_TOKEN_BEDROCK"] = key
    once = Config(retries={"total_max_attempts": 1})
    return boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=os.environ["TT_URL"], config=once
    )


def refused(name, call):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == name, error
        return str(error)
    raise AssertionError(f"{name} was not raised")


bedrock = client(os.environ["TT_KEY"])

answer = bedrock.converse(modelId=CLAUDE, messages=MESSAGES, inferenceConfig=CEILING)
assert answer["output"]["message"]["content"] == [{"text": HELLO}], answer
assert answer["usage"]["totalTokens"] == 521, answer

text, usage = "", None
for event in bedrock.converse_stream(modelId=CLAUDE, messages=MESSAGES, inferenceConfig=CEILING)["stream"]:
    text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    usage = event.get("metadata", {}).get("usage", usage)
assert (text, usage["totalTokens"]) == (HELLO, 521), (text, usage)

answer = json.loads(bedrock.invoke_model(modelId=CLAUDE, body=json.dumps(CLAUDE_BODY))["body"].read())
assert answer["content"] == [{"type": "text", "text": HELLO}], answer

llama = json.dumps({"prompt": "Say hello.", "max_gen_len": 50})
answer = json.loads(bedrock.invoke_model(modelId=LLAMA, body=llama)["body"].read())
assert answer["generation"] == HELLO, answer

text = ""
for event in bedrock.invoke_model_with_response_stream(modelId=CLAUDE, body=json.dumps(CLAUDE_BODY))["body"]:
    text += json.loads(event["chunk"]["bytes"]).get("delta", {}).get("text", "")
assert text == HELLO, text

arn = f"arn:aws:bedrock:eu-central-1:123456789012:inference-profile/{CLAUDE}"
bedrock.converse(modelId=arn, messages=MESSAGES, inferenceConfig=CEILING)

counted = bedrock.count_tokens(modelId=CLAUDE, input={"converse": {"messages": MESSAGES}})
assert counted["inputTokens"] == 20, counted

missing = refused("ResourceNotFoundException", lambda: bedrock.converse(modelId="no.such-model", messages=MESSAGES))
assert "no.such-model" in missing, missing
wrong = json.dumps({**CLAUDE_BODY, "max_tokens": 0})
assert "max_tokens" in refused("ValidationException", lambda: bedrock.invoke_model(modelId=CLAUDE, body=wrong))
spent = client(os.environ["TT_SPENT_KEY"])
limited = refused("ThrottlingException", lambda: spent.converse(modelId=CLAUDE, messages=MESSAGES, inferenceConfig=CEILING))
assert "limit" in limited, limited
stranger = client("tt_wrong")
refused("AccessDeniedException", lambda: stranger.converse(modelId=CLAUDE, messages=MESSAGES))

print(6)
