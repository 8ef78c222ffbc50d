import { posix } from 'node:path'
import type { SourceFile } from './house.ts'
import { isTest } from './import-law.ts'

const MOST_LINES = 300
/** A test is a list of facts, and reads well a little longer. */
const MOST_LINES_OF_TEST = 400

/** Second words for an idea that has one, and words that say nothing, with what to write instead. */
const BANNED_WORDS: Readonly<Record<string, string>> = {
  quota: 'limit',
  allowance: 'limit',
  reservation: 'hold',
  customer: 'tenant or user',
  util: 'a name that says what it does',
  helper: 'a name that says what it does',
  manager: 'a name that says what it does',
  misc: 'a name that says what it does',
  stuff: 'a name that says what it is',
}
const BANNED_FILES = /(^|\/)(utils?|helpers?|managers?|types|common|misc|index)\.(ts|tsx|mjs)$/
const UNFINISHED = new RegExp(
  `\\b(${['TO', 'FIX'].map((start) => start + (start === 'TO' ? 'DO' : 'ME')).join('|')}|XXX)\\b`,
)

/** Wire words of others that our code has to spell as they do. */
const FOREIGN_WORDS = /insufficient_quota/g

/** Server code starts no program and runs no text. Who has to, is listed here with the reason. */
const DANGEROUS = /node:child_process|node:vm\b|\beval\(|new Function\(|\bexecSync\(/
const MAY_BE_DANGEROUS: readonly string[] = [
  // `token-trackr run -- COMMAND` is there to start a program; no server loads it.
  'server/src/child.ts',
]

/**
 * What SQL may be put together from: constants, placeholders, and these expressions of these files, which are made of nothing else.
 * Values are bound everywhere.
 */
const CONSTANT = /^([A-Z][A-Z_]*\b|placeholders\(|insertInto\()/
const MADE_OF_CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  'insert.ts': ['table', "columns.map(([column]) => column).join(', ')"],
  'page-queries.ts': ['from', 'where', 'narrowing'],
  'report-queries.ts': ['beyond', 'columns', 'cell', 'ever', 'hours', "measures.join(', ')"],
  'seed-sums.ts': ['columns'],
  'sums-query.ts': [
    ...["[...keys, ...sums].join(', ')", "[...keys, ...signed].join(', ')", "[within, ...sums].join(', ')"],
    ...['within', 'time', 'narrowing', 'grouping', 'cells', 'where', 'key', 'values.length + 1'],
  ],
}
const SQL =
  /\b(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|ALTER\s+TABLE|WHERE\s)/

const isCode = ({ path }: SourceFile) => /\.(ts|tsx|mjs)$/.test(path)
const isServer = ({ path }: SourceFile) => path.startsWith('server/src/') && !isTest(path)

export function longFiles(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => /\.(ts|tsx|mjs|css|sql)$/.test(path))
    .map(({ path, text }) => ({
      path,
      lines: text.split('\n').length - 1,
      most: isTest(path) ? MOST_LINES_OF_TEST : MOST_LINES,
    }))
    .filter(({ lines, most }) => lines > most)
    .map(({ path, lines, most }) => `${path} has ${lines} lines, more than ${most}`)
}

export function bannedNames(files: readonly SourceFile[]): string[] {
  return files.filter(isCode).flatMap(({ path, text }) => {
    const faults = BANNED_FILES.test(path) ? [`${path}: a file's name says what is in it`] : []
    if (UNFINISHED.test(text)) faults.push(`${path}: unfinished work belongs into an issue`)
    const words = new Set(identifiersOf(`${posix.basename(path)} ${text}`).flatMap(wordsOf))
    for (const [word, instead] of Object.entries(BANNED_WORDS))
      if (words.has(word) || words.has(`${word}s`)) faults.push(`${path}: not "${word}" but ${instead}`)
    return faults
  })
}

/** Money without its unit in the name, or in a floating column, is how a price gets wrong by a thousand (M40). */
export function looseMoney(files: readonly SourceFile[]): string[] {
  return files.filter(isServer).flatMap(({ path, text }) => {
    const faults =
      path.includes('/stores/') && /\b(REAL|FLOAT|DOUBLE PRECISION)\b/.test(text) ? [`${path}: a floating column`] : []
    for (const name of new Set(identifiersOf(text)))
      if (/(Usd|Dollars|Cents)$/.test(name) && !/(nano|pico)Usd$/i.test(name) && !name.startsWith('usd'))
        faults.push(`${path}: ${name} does not say whether it is nano-USD or pico-USD`)
    return faults
  })
}

/** No program is started and no text is run as code (S62). */
export function dangerousCode(files: readonly SourceFile[]): string[] {
  return files
    .filter(
      (file) => isServer(file) && !MAY_BE_DANGEROUS.includes(file.path) && DANGEROUS.test(withoutComments(file.text)),
    )
    .map(({ path }) => `${path} starts programs or runs text as code`)
}

/** No value reaches SQL as text (S01). */
export function composedSql(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isServer(file) && isCode(file))
    .flatMap(({ path, text }) =>
      templatesOf(withoutComments(text))
        .filter((literal) => SQL.test(literal))
        .flatMap(partsOf)
        .filter((part) => !CONSTANT.test(part) && !isMadeOfConstants(path, part))
        .map((part) => `${path} puts ${part} into SQL`),
    )
}

function isMadeOfConstants(path: string, part: string): boolean {
  // The two halves of a seed differ by literals.
  return MADE_OF_CONSTANTS[posix.basename(path)]?.includes(part) === true || /^part\('[^']*'(, '[^']*')*\)$/.test(part)
}

/** Identifiers outside of comments and string literals; a heuristic that is good enough for code that Prettier wrote. */
function identifiersOf(text: string): string[] {
  const code = withoutComments(text)
    .replaceAll(FOREIGN_WORDS, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
  return code.match(/[A-Za-z_$][\w$]*/g) ?? []
}

function wordsOf(identifier: string): string[] {
  return identifier
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_$]+/)
    .map((word) => word.toLowerCase())
}

const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, '$1')
/** The expressions inside a template literal, one level of braces deep. */
const partsOf = (literal: string) =>
  [...literal.matchAll(/\$\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g)].map(([, part]) => part ?? '')
const templatesOf = (text: string) => text.match(/`(?:[^`\\]|\\[\s\S])*`/g) ?? []
