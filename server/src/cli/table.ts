import { stripVTControlCharacters, styleText } from 'node:util'

/** One column: numbers stand to the right, so that their digits line up. */
export interface Column<Row> {
  readonly title: string
  readonly of: (row: Row) => string
  readonly isNumber?: boolean
  /** Left out where the terminal has less than 100 columns. */
  readonly isWide?: boolean
}

const WIDE_TERMINAL = 100
const GAP = '  '

/** Rows as aligned text, a line each. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], terminalColumns: number): string {
  const shown = columns.filter(({ isWide }) => !isWide || terminalColumns >= WIDE_TERMINAL)
  const cells = rows.map((row) => shown.map((column) => inert(column.of(row))))
  const widths = shown.map(({ title }, at) => Math.max(title.length, ...cells.map((row) => widthOf(row[at]!))))
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => padded(text, widths[at]!, shown[at]!.isNumber === true))
      .join(GAP)
      .trimEnd()
  const head = styleText('dim', line(shown.map(({ title }) => title)), { stream: process.stdout })
  return [head, ...cells.map(line)].map((text) => `${text}\n`).join('')
}

/** A table whose rows have lost their type, to stand among others. */
export type Section = (terminalColumns: number) => string

export function section<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Section {
  return (terminalColumns) => (rows.length === 0 ? '' : table(columns, rows, terminalColumns))
}

/** Names that others chose must not speak to the terminal: no escape sequence, control or direction mark is printed. */
export function inert(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '')
}

function padded(text: string, width: number, toTheRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return toTheRight ? space + text : text + space
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Emoji, and the East Asian characters that terminals give two columns (UAX 11). */
const TWO_COLUMNS =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += TWO_COLUMNS.test(segment) ? 2 : 1
  return width
}
