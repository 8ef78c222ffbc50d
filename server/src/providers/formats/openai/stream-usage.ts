import type { Frame, RequestBody, Verdict } from '../../../core/ports/format.ts'
import { withoutData } from '../../framing/sse.ts'
import { type JsonObject, objectOrUndefined, optionalBoolean, optionalObject } from '../field.ts'
import { memberCut, memberObject, setMember, type Splice } from '../splice.ts'

/** Whether the client itself asked for usage in its stream. */
export function asksForUsage({ json }: RequestBody): boolean {
  return objectOrUndefined(json['stream_options'])?.['include_usage'] === true
}

/** Refuses options that a provider could read in another way than we do. */
export function checkStreamOptions(json: JsonObject): void {
  const options = optionalObject(json, 'stream_options')
  if (options) optionalBoolean(options, 'include_usage', 'stream_options.include_usage')
}

/** What makes a request ask for usage in its stream, beside all else that it says. */
export function askForUsage(body: RequestBody): Splice {
  const options = body.json['stream_options'] == null ? undefined : memberObject(body, 'stream_options')
  if (options) return setMember(options, 'include_usage', 'true')
  return setMember({ text: body.text, members: body.members, offset: 0 }, 'stream_options', '{"include_usage":true}')
}

/** The frame as it would be, had we not asked for usage. */
export function withoutUsageKey(frame: Frame): Verdict {
  const cut = usualCut(frame.data) ?? memberCut(frame.data, 'usage')
  if (cut === undefined) return 'pass'
  const from = Buffer.byteLength(frame.data.slice(0, cut.start))
  const to = from + Buffer.byteLength(frame.data.slice(cut.start, cut.end))
  return { replaceWith: withoutData(frame, from, to) }
}

/**
 * Where OpenAI puts the key: at the end, at most before its padding. In valid JSON nothing else ends like that, since no
 * bracket stands between the key and the end; finding it so is several times faster than reading the whole object.
 */
function usualCut(data: string): { start: number; end: number } | undefined {
  const start = data.lastIndexOf(NULL_USAGE)
  if (start < 0 || !USUAL_END.test(data.slice(start))) return undefined
  return { start, end: start + NULL_USAGE.length }
}
const NULL_USAGE = ',"usage":null'
const USUAL_END = /^,"usage":null(?:,"obfuscation":"\w*")?\}$/
