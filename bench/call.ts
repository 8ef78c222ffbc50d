/** The small chat call that every contender carries: about 300 bytes asked, about 600 bytes answered. */

export const MODEL = 'gpt-4o-mini'

export const REQUEST_BODY = JSON.stringify({
  model: MODEL,
  messages: [
    { role: 'system', content: 'You are a helpful assistant that answers in one short, friendly sentence.' },
    { role: 'user', content: 'How far away is the Moon, and how long does light need to get there from here?' },
  ],
  max_tokens: 200,
  temperature: 0.2,
  user: 'bench-0123456789',
})

export const ANSWER_BODY = JSON.stringify({
  id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5q',
  object: 'chat.completion',
  created: 1767225600,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'The Moon is about 384,400 km away, and light covers that distance in roughly 1.3 seconds.',
        refusal: null,
      },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 44,
    completion_tokens: 25,
    total_tokens: 69,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_0123456789',
})

/** What one call in `ANSWER_BODY` uses, for the check of the ledger's sums. */
export const TOTAL_TOKENS = 69

/** The headers that a provider sends with an answer, but for those that say what it is and where it ends. */
export const PROVIDER_HEADERS = [
  'x-request-id: req_0123456789abcdef',
  'openai-processing-ms: 1',
  'openai-version: 2020-10-01',
  'x-ratelimit-remaining-requests: 9999',
  'date: Thu, 01 Jan 2026 00:00:00 GMT',
  'connection: keep-alive',
]
