/** Lines to paste that make one call through this installation. Only the origin and the key differ. */
export interface Snippet {
  readonly id: string
  readonly title: string
  readonly code: string
}

const MODEL = 'sim-small'

export function curlSnippet(origin: string, key: string): string {
  return `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\
  -d '{"model":"${MODEL}","messages":[{"role":"user","content":"Hello"}]}'`
}

export function snippets(origin: string, key: string): readonly Snippet[] {
  return [
    { id: 'curl', title: 'curl', code: curlSnippet(origin, key) },
    { id: 'openai', title: 'OpenAI SDK', code: openaiSnippet(origin, key) },
    { id: 'anthropic', title: 'Anthropic SDK', code: anthropicSnippet(origin, key) },
  ]
}

function openaiSnippet(origin: string, key: string): string {
  return `from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key="${key}")
answer = client.chat.completions.create(
    model="${MODEL}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`
}

function anthropicSnippet(origin: string, key: string): string {
  return `from anthropic import Anthropic

client = Anthropic(base_url="${origin}", api_key="${key}")
answer = client.messages.create(
    model="${MODEL}",
    max_tokens=256,
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.content[0].text)`
}
