import type { Deployments } from './gateway.ts'

const FORMATS = ['gemini-generate', 'gemini-embed'] as const

/** The models that Google's clients can call here and that have a name, in Google's shape. */
export function googleModels(deployments: Deployments): readonly object[] {
  const served = deployments.models().filter(({ format }) => (FORMATS as readonly string[]).includes(format))
  return [...new Set(served.map(({ model }) => model))].flatMap((name) => googleModel(deployments, name) ?? [])
}

/** One model in Google's shape; undefined where its clients cannot call it here. */
export function googleModel(deployments: Deployments, name: string): object | undefined {
  const served = FORMATS.map((format) => deployments.resolve(format, name)[0]).find((one) => one !== undefined)
  if (served === undefined) return undefined
  const { contextTokens, outputTokens } = served.ceilings
  return {
    name: `models/${name}`,
    version: '',
    displayName: name,
    ...(contextTokens !== undefined && { inputTokenLimit: contextTokens }),
    ...(outputTokens !== undefined && { outputTokenLimit: outputTokens }),
    supportedGenerationMethods: /embedding/i.test(served.model) ? EMBEDDING : GENERATION,
  }
}
/** Hosts serve all models by all of their APIs here; a model's own name tells which of them it answers to. */
const EMBEDDING = ['embedContent', 'batchEmbedContents']
const GENERATION = ['generateContent', 'streamGenerateContent', 'countTokens']
