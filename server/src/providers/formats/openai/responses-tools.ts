import { arrayOrEmpty, objectOrUndefined } from '../field.ts'

/** Tools that the client runs: calling one ends the response. */
const CLIENT_TOOLS = new Set<unknown>([
  ...['function', 'custom', 'local_shell', 'apply_patch', 'computer', 'computer_use_preview'],
])

/** Tools whose description is OpenAI's own, and not in the request. */
export function isDefinedTool(tool: unknown): boolean {
  const type = objectOrUndefined(tool)?.['type']
  return isClientTool(tool) && type !== 'function' && type !== 'custom' && type !== 'namespace'
}

/** Paths of the tools that the provider runs itself: it samples the model again and again, and nothing bounds how often. */
export function unboundedTools(tools: readonly unknown[], path: string): string[] {
  return tools.flatMap((tool, index) => (isClientTool(tool) ? [] : [`${path}[${index}]`]))
}

function isClientTool(value: unknown): boolean {
  const tool = objectOrUndefined(value)
  if (tool?.['type'] === 'namespace') return arrayOrEmpty(tool['tools']).every(isClientTool)
  if (tool?.['type'] === 'shell') return objectOrUndefined(tool['environment'])?.['type'] === 'local'
  return CLIENT_TOOLS.has(tool?.['type'])
}
