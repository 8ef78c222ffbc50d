/**
 * Tokens around a request and around each message that no field holds: OpenAI writes 3 and 3 (role, separators); the
 * margin also covers texts that are counted joined. Open models come with templates that write a system prompt of their
 * own (some 70 tokens for gpt-oss). Tools are rewritten into a prompt, which adds a preamble, of up to some 700 tokens for
 * Claude; those that OpenAI defines (computer, shell, patches) come with instructions of hundreds of tokens.
 */
const HIDDEN_TOKENS = {
  perRequest: 16,
  perTemplate: 128,
  perMessage: 8,
  perTool: 16,
  forTools: 64,
  forToolsInTemplate: 1024,
  perDefinedTool: 1024,
} as const
const WITHOUT_TEMPLATE = /^(?:gpt-(?!oss)|chatgpt-|o\d|sim-|text-|davinci-|babbage-)/

/** `definedTools`: of the tools, those whose description is the provider's own. */
export function hiddenInputTokens(
  model: string,
  { messages, tools = 0, definedTools = 0 }: { messages: number; tools?: number; definedTools?: number },
): number {
  const { perRequest, perTemplate, forTools, forToolsInTemplate } = HIDDEN_TOKENS
  const isPlain = WITHOUT_TEMPLATE.test(model)
  return (
    (isPlain ? perRequest : perTemplate) +
    HIDDEN_TOKENS.perMessage * messages +
    (tools > 0 ? (isPlain ? forTools : forToolsInTemplate) + HIDDEN_TOKENS.perTool * tools : 0) +
    HIDDEN_TOKENS.perDefinedTool * definedTools
  )
}
