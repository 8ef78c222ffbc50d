/** The parts of the views that all SQL engines spell alike. */

const INPUT = [
  ...['in_uncached', 'in_cache_read', 'in_cache_write5m', 'in_cache_write1h', 'in_cache_write_other'],
  ...['in_audio', 'in_image', 'in_tool_prompt'],
]
const OUTPUT = ['out_text', 'out_reasoning', 'out_audio', 'out_image']

/** Of an entry: NULL where nothing of it was reported, so that unknown never reads 0. */
export const INPUT_TOKENS = known(INPUT)
export const OUTPUT_TOKENS = known(OUTPUT)
/** Also those of other models inside the attempt, as limits count them. */
export const ALL_TOKENS = known([...INPUT, ...OUTPUT, 'elsewhere_tokens'])

/** Of cells. */
export const SUM_INPUT = `sum(${INPUT.join(' + ')})`
export const SUM_OUTPUT = `sum(${OUTPUT.join(' + ')})`
export const SUM_ALL = `sum(${[...INPUT, ...OUTPUT].join(' + ')})`

function known(columns: readonly string[]): string {
  return `CASE WHEN coalesce(${columns.join(', ')}) IS NOT NULL
    THEN ${columns.map((column) => `coalesce(${column}, 0)`).join(' + ')} END`
}
