import type { Argument, Command, Option } from 'commander'
import { programFor, type Surroundings } from './program.ts'

const HEAD = `# The command line

\`token-trackr\`, or \`tt\`. It speaks to the server at \`TOKEN_TRACKR_URL\` (\`http://127.0.0.1:8000\` where that is not set), with
the administrator's secret from \`TOKEN_TRACKR_SECRET\` or, on the same machine, from the data folder; \`doctor\`, \`verify\`,
\`backup\`, \`restore\` and \`secret rotate\` work on the files of this machine.

On a terminal it prints tables; anywhere else, and with \`--json\` behind any command, the JSON that the API answers.

| exit code | what it says |
| --- | --- |
| 0 | done |
| 1 | an error, told in one line with what to do |
| 2 | the words mean nothing |
| 3 | a limit was reached, or would be |
| 4 | the server cannot be reached |
| 5 | the ledger is not what its entries say |

\`run\` ends as the program that it ran.
`

/** docs/cli.md, made of the commands themselves. */
export function referenceText(): string {
  const program = programFor({ version: '-', configuration: { credentialsFile: '' } } as Surroundings)
  return [HEAD, ...program.commands.flatMap((command) => sections(command, []))].join('\n')
}

function sections(command: Command, above: readonly string[]): string[] {
  const words = [...above, command.name()]
  const children = command.commands.flatMap((child) => sections(child, words))
  // A group that does nothing by itself is a heading for what is in it.
  if (command.commands.length > 0 && command.options.length === 0) return children
  const usage = ['tt', ...words, ...command.registeredArguments.map(argumentWords)].join(' ')
  const rows = [
    ...command.registeredArguments
      .filter(({ description }) => description !== '')
      .map((argument) => row(argumentWords(argument), argument.description)),
    ...command.options.map((option) => row(option.flags, optionWords(option))),
  ]
  const table = rows.length > 0 ? ['| | |', '| --- | --- |', ...rows, ''] : []
  return [`## \`${usage}\`\n`, `${capitalized(command.description())}.\n`, ...table, ...children]
}

function argumentWords(argument: Argument): string {
  const name = argument.argChoices?.join('\\|') ?? argument.name()
  return `<${name}${argument.variadic ? '...' : ''}>`
}

function optionWords({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const choices = argChoices ? `; one of ${argChoices.join(', ')}` : ''
  const isShown = typeof defaultValue === 'string' || Array.isArray(defaultValue)
  const preset = defaultValueDescription ?? (isShown ? `\`${String(defaultValue)}\`` : undefined)
  return `${description}${choices}${preset === undefined ? '' : ` (without it: ${preset})`}`
}

function row(name: string, words: string): string {
  return `| \`${name}\` | ${words.replaceAll('|', '\\|')} |`
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

if (import.meta.main) process.stdout.write(referenceText())
