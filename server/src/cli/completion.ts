import { Argument, type Command } from 'commander'
import type { World } from './world.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export function addCompletion(program: Command, { write }: Pick<World, 'write'>): void {
  program
    .command('completion')
    .description('what makes a shell complete these commands; bash: source <(tt completion bash)')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => {
      write(SCRIPTS[shell](pathsOf(program)))
    })
}

/** What may follow a command: its subcommands, its options, and the choices of its arguments. */
interface Path {
  /** `limits set`; empty for the program itself. */
  readonly words: string
  readonly next: readonly string[]
}

function pathsOf(program: Command): Path[] {
  const visit = (command: Command, words: readonly string[]): Path[] => [
    {
      words: words.join(' '),
      next: [
        ...command.commands.map((child) => child.name()),
        ...command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
        ...new Set([...command.options.map(({ long }) => long!), '--json', '--help']),
      ],
    },
    ...command.commands.flatMap((child) => visit(child, [...words, child.name()])),
  ]
  return visit(program, [])
}

// Every word in these scripts is a name of a command, an option or a choice of ours: letters, digits and hyphens.
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (paths: readonly Path[]) => string>> = {
  bash: (paths) => `_token_trackr() {
  local word place="" next=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    case "$place $word" in
${casesOf(paths, '      ')}
    esac
  done
  case "$place" in
${paths.map(({ words, next }) => `    "${words && ` ${words}`}") next="${next.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _token_trackr token-trackr tt
`,
  zsh: (paths) => `#compdef token-trackr tt
_token_trackr() {
  local word place=""
  local -a next
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] && continue
    case "$place $word" in
${casesOf(paths, '      ')}
    esac
  done
  case "$place" in
${paths.map(({ words, next }) => `    "${words && ` ${words}`}") next=(${next.join(' ')}) ;;`).join('\n')}
  esac
  compadd -- $next
}
compdef _token_trackr token-trackr tt
`,
  fish: (paths) =>
    `function __token_trackr_place
  set -l place ''
  for word in (commandline -opc)[2..]
    string match -q -- '-*' $word; and continue
    switch "$place $word"
${paths.flatMap(({ words }) => (words ? [`      case ' ${words}'\n        set place ' ${words}'`] : [])).join('\n')}
    end
  end
  echo $place
end
${['token-trackr', 'tt']
  .flatMap((program) =>
    paths.map(
      ({ words, next }) =>
        `complete -c ${program} -f -n 'test "$(__token_trackr_place)" = "${words && ` ${words}`}"' -a '${next.join(' ')}'`,
    ),
  )
  .join('\n')}
`,
}

function casesOf(paths: readonly Path[], indent: string): string {
  const known = paths.filter(({ words }) => words !== '').map(({ words }) => `" ${words}"`)
  return `${indent}${known.join(' | ')}) place="$place $word" ;;`
}
