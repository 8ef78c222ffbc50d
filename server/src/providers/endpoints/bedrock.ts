import type { Endpoint, Errand } from '../../core/ports/deployment.ts'
import { encoded, signatureHeaders } from './sigv4.ts'

/**
 * AWS Bedrock's runtime: base URLs are `https://bedrock-runtime.REGION.amazonaws.com`. Requests are signed where the
 * deployment has an access key, and carry a Bedrock API key as bearer where it has one of those.
 */
export const bedrockEndpoint: Endpoint = {
  path: ({ upstreamModel }, errand) => {
    const action = actionOf(errand)
    // A model that is an ARN has slashes: it is one segment all the same.
    return action === undefined ? undefined : `/model/${encoded(upstreamModel)}/${action}`
  },
  headers(deployment, request) {
    const { credential, signing } = deployment
    if (credential === undefined) return {}
    if (!signing) return { authorization: `Bearer ${credential}` }
    return signatureHeaders(request, signing, credential, 'bedrock')
  },
}

function actionOf({ format, operation, stream }: Errand): string | undefined {
  if (format !== 'bedrock-converse' && format !== 'bedrock-invoke') return undefined
  if (operation === 'count') return 'count-tokens'
  if (operation !== 'call') return undefined
  if (format === 'bedrock-converse') return stream ? 'converse-stream' : 'converse'
  return stream ? 'invoke-with-response-stream' : 'invoke'
}
