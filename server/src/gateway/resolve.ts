import { PublicError } from '../core/errors.ts'
import type { Deployment } from '../core/ports/deployment.ts'
import type { Deployments } from './gateway.ts'

/** A deployment that can be called. */
export type Callable = Deployment & { readonly credential: string }

/** Which deployment serves a model. Throws `model_not_found` with what there is, or `model_unavailable` with what it lacks. */
export function resolve(deployments: Deployments, format: string, model: string): Callable {
  const deployment = deployments.resolve(format, model)
  if (!deployment) throw notFound(deployments, format, model)
  if (deployment.credential === undefined)
    throw new PublicError(
      'model_unavailable',
      `${model} is served by ${deployment.provider}, and ${deployment.credentialName} is not set.`,
    )
  return deployment as Callable
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
