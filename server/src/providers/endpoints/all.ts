import type { Endpoint } from '../../core/ports/deployment.ts'
import type { FormatName } from '../formats/all.ts'
import { anthropicEndpoint } from './anthropic.ts'
import { openaiEndpoint } from './openai.ts'

/** How requests of each format reach a host, by the format's name. */
export const ENDPOINTS = {
  'openai-chat': openaiEndpoint,
  'anthropic-messages': anthropicEndpoint,
} as const satisfies Record<FormatName, Endpoint>
