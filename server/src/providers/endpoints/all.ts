import type { Endpoint } from '../../core/ports/deployment.ts'
import { anthropicEndpoint } from './anthropic.ts'
import { azureEndpoint } from './azure.ts'
import { bedrockEndpoint } from './bedrock.ts'
import { cohereEndpoint } from './cohere.ts'
import { geminiEndpoint } from './gemini.ts'
import { openaiEndpoint } from './openai.ts'

/** How requests reach hosts, by the name that a deployment has for it. */
export const ENDPOINTS = {
  openai: openaiEndpoint,
  anthropic: anthropicEndpoint,
  azure: azureEndpoint,
  bedrock: bedrockEndpoint,
  gemini: geminiEndpoint,
  cohere: cohereEndpoint,
} as const satisfies Record<string, Endpoint>
export type EndpointName = keyof typeof ENDPOINTS
