/** The folders of the tree that a README prints, as paths: `server/src/core`. */
export function printedTree(markdown: string): string[] {
  const block = /```text\n([^`]*├──[^`]*)```/.exec(markdown)?.[1] ?? ''
  const above: string[] = []
  const folders: string[] = []
  for (const line of block.split('\n')) {
    const match = /^((?:│ {3}| {4})*)[├└]── ([\w.-]+(?:\/[\w.-]+)*)\/(?:\s|$)/.exec(line)
    if (!match) continue
    const depth = (match[1] ?? '').length / 4
    above.length = depth
    above.push(match[2] ?? '')
    folders.push(above.join('/'))
  }
  return folders
}

/** What one list of folders has and the other lacks. */
export function difference(printed: readonly string[], real: readonly string[]): string[] {
  return [
    ...real.filter((path) => !printed.includes(path)).map((path) => `${path} is not in the README's tree`),
    ...printed.filter((path) => !real.includes(path)).map((path) => `${path} is in the README's tree, but not there`),
  ]
}
