import { PublicError } from '../core/errors.ts'
import type { Arrival } from './arrival.ts'
import type { Deployments } from './gateway.ts'

const FORMATS = ['gemini-generate', 'gemini-embed'] as const

/** `GET /v1beta/models` and `GET /v1beta/models/{model}`, in Google's shape: of the models that its clients can call here. */
export function sendGoogleModels({ address, response }: Arrival, deployments: Deployments): void {
  const { model } = address
  const answer = model === undefined ? { models: namesOf(deployments).map(described) } : described(model)
  const payload = Buffer.from(JSON.stringify(answer))
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': payload.length })
  response.end(payload)

  function described(name: string) {
    const served = FORMATS.map((format) => deployments.resolve(format, name)[0]).find((one) => one !== undefined)
    if (served === undefined)
      throw new PublicError('model_not_found', `There is no model ${name} here.`, { field: 'model' })
    const { contextTokens, outputTokens } = served.ceilings
    return {
      name: `models/${name}`,
      version: '',
      displayName: name,
      ...(contextTokens !== undefined && { inputTokenLimit: contextTokens }),
      ...(outputTokens !== undefined && { outputTokenLimit: outputTokens }),
      supportedGenerationMethods: /embedding/i.test(name) ? EMBEDDING : GENERATION,
    }
  }
}
/** Hosts serve all models by all of their APIs here; a model's name tells which of them it answers to. */
const EMBEDDING = ['embedContent', 'batchEmbedContents']
const GENERATION = ['generateContent', 'streamGenerateContent', 'countTokens']

function namesOf(deployments: Deployments): string[] {
  const served = deployments.models().filter(({ format }) => (FORMATS as readonly string[]).includes(format))
  return [...new Set(served.map(({ model }) => model))]
}
