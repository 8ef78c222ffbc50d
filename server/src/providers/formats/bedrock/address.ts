import type { Address } from '../../../core/ports/format.ts'
import { invalidField, requiredModel } from '../field.ts'

/** The model that the path names: an id, an inference profile, an ARN, or a name that is configured here. */
export function modelOf({ model }: Address): string {
  const name = requiredModel({ model })
  // As a segment of a path these would lead to another one.
  if (name === '.' || name === '..') throw invalidField('model', 'must be the name of a model')
  return name
}
