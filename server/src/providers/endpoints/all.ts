import type { Endpoint } from '../../core/ports/deployment.ts'
import { anthropicEndpoint } from './anthropic.ts'
import { bedrockEndpoint } from './bedrock.ts'
import { openaiEndpoint } from './openai.ts'

/** How requests reach hosts, by the name that a deployment has for it. */
export const ENDPOINTS = {
  openai: openaiEndpoint,
  anthropic: anthropicEndpoint,
  bedrock: bedrockEndpoint,
} as const satisfies Record<string, Endpoint>
export type EndpointName = keyof typeof ENDPOINTS
