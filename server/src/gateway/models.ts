import { PublicError } from '../core/errors.ts'
import type { Arrival } from './arrival.ts'
import type { Deployments, Gateway } from './gateway.ts'
import { googleModel, googleModels } from './google-models.ts'

/**
 * The models here, or one of them: below /v1 with the members of OpenAI's answer, of Anthropic's and of Google's, since the
 * clients of all three ask this path, and below /v1beta in Google's shape alone. Throws `model_not_found`.
 */
export function sendModels({ format, address, response }: Arrival, gateway: Gateway): void {
  const isGoogles = format.name.startsWith('gemini-')
  const { model } = address
  const answer = model === undefined ? listOf(gateway.deployments, isGoogles) : oneOf(gateway, model, isGoogles)
  const payload = Buffer.from(JSON.stringify(answer))
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': payload.length })
  response.end(payload)
}

/** Each model once. */
function listOf(deployments: Deployments, isGoogles: boolean): object {
  const models = googleModels(deployments)
  if (isGoogles) return { models }
  const owners = new Map(deployments.models().map(({ model, provider }) => [model, provider]))
  const data = [...owners].map(([id, owner]) => described(id, owner))
  return {
    object: 'list',
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    models,
  }
}

function oneOf({ deployments, formats }: Gateway, model: string, isGoogles: boolean): object {
  const googles = googleModel(deployments, model)
  const [served] = Object.keys(formats).flatMap((name) => deployments.resolve(name, model))
  const answer = isGoogles ? googles : served && { ...described(model, served.provider), ...googles }
  if (answer === undefined)
    throw new PublicError('model_not_found', `There is no model ${model} here.`, { field: 'model' })
  return answer
}

function described(id: string, owner: string) {
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: owner,
    type: 'model',
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
  }
}
