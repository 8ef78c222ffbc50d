/** For tests: `config/proxy.yaml` word for word as the requirements print it. */
export const PRINTED = `
model_list:
  - model_name: gpt-3.5-turbo
    litellm_params:
      model: gpt-3.5-turbo
      api_key: \${OPENAI_API_KEY}
  - model_name: llama-4-scout
    litellm_params:
      model: meta-llama/llama-4-scout-17b-16e-instruct
      api_key: \${GROQ_API_KEY}

rate_limits:
  - model: gpt-3.5-turbo
    limit: 10
    period: minute
  - model: llama-4-scout
    limit: 5
    period: minute

budget:
  total: 100.00  # Total budget in USD
  daily: 10.00   # Daily budget in USD
  alerts:
    - threshold: 50  # Alert when 50% of budget is used
      email: finance@example.com
    - threshold: 80  # Alert when 80% of budget is used
      email: finance@example.com
    - threshold: 95  # Alert when 95% of budget is used
      email: finance@example.com
`
