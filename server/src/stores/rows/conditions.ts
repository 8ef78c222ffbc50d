import type { Value } from './columns.ts'

/** Those conditions of a statement whose values are given, with their question marks and these values in order. */
export function conditions(all: readonly (readonly [condition: string, ...values: (Value | undefined)[]])[]) {
  const asked = all.filter(([, ...values]) => values.every((value) => value !== undefined))
  return {
    where: asked.map(([condition]) => condition).join(' AND '),
    values: asked.flatMap(([, ...values]) => values as Value[]),
  }
}
