import { PublicError } from '../core/errors.ts'
import type { Deployment } from '../core/ports/deployment.ts'
import type { Deployments } from './gateway.ts'

/** A deployment that can be called. */
export type Callable = Deployment & { readonly credential: string }

/**
 * The deployments that can serve a model, in the order in which to try them. Throws `model_not_found` with what there
 * is, or `model_unavailable` with what they lack.
 */
export function resolve(deployments: Deployments, format: string, model: string): readonly [Callable, ...Callable[]] {
  const serving = deployments.resolve(format, model)
  const [first] = serving
  if (!first) throw notFound(deployments, format, model)
  const [callable, ...others] = serving.filter(isCallable)
  if (callable) return [callable, ...others]
  throw new PublicError(
    'model_unavailable',
    `${model} is served by ${first.provider}, and ${first.credentialName} is not set.`,
  )
}

function isCallable(deployment: Deployment): deployment is Callable {
  return deployment.credential !== undefined
}

const MOST_LISTED = 20

function notFound(deployments: Deployments, format: string, model: string): PublicError {
  const all = deployments.models()
  const here = all.filter((known) => known.format === format).map((known) => known.model)
  const elsewhere = all.find((known) => known.model === model && known.format !== format)
  const more = here.length > MOST_LISTED ? ` and ${here.length - MOST_LISTED} more` : ''
  const there = elsewhere ? ` It is there for ${elsewhere.format}.` : ''
  const list = here.slice(0, MOST_LISTED).join(', ')
  return new PublicError('model_not_found', `There is no model ${model} here.${there} There are: ${list}${more}.`, {
    field: 'model',
  })
}
