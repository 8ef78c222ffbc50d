/** One row of the table in docs/dependencies.md. */
interface Row {
  readonly name: string
  readonly reason: string
  readonly touches: string
}

/** Each is code of others that runs beside keys and prompts: more of them need another decision, not another row. */
const MOST_DEPENDENCIES = 24

/**
 * What is wrong between the runtime dependencies of a package.json and the document that gives the reason for each: both
 * lists are the same, every reason is given, and they are few (S61).
 */
export function dependencyFaults(names: readonly string[], document: string): string[] {
  const rows = rowsOf(document)
  const told = rows.map(({ name }) => name)
  const faults = [
    ...names.filter((name) => !told.includes(name)).map((name) => `${name} has no row in docs/dependencies.md`),
    ...told.filter((name) => !names.includes(name)).map((name) => `${name} has a row, but is no dependency`),
    ...told.filter((name, index) => told.indexOf(name) !== index).map((name) => `${name} has two rows`),
    ...rows.filter(({ reason, touches }) => !reason || !touches).map(({ name }) => `${name} has a row without words`),
  ]
  if (names.length > MOST_DEPENDENCIES) faults.push(`${names.length} dependencies are more than ${MOST_DEPENDENCIES}`)
  return faults
}

function rowsOf(document: string): Row[] {
  return [...document.matchAll(/^\| `([^`]+)` \|([^|]*)\|([^|]*)\|$/gm)].map(([, name, reason, touches]) => ({
    name: name ?? '',
    reason: (reason ?? '').trim(),
    touches: (touches ?? '').trim(),
  }))
}
