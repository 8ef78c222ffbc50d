import { memberSpans } from '../../core/request-body.ts'
import type { MemberSpan } from '../../core/ports/format.ts'

/** One change of a text: what stands between two offsets is replaced. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The text with all splices made, none of which may overlap another; every other character stays. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let result = ''
  let keptTo = 0
  for (const { start, end, text: inserted } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(keptTo, start) + inserted
    keptTo = end
  }
  return result + text.slice(keptTo)
}

/** An object's text, which stands at an offset of a larger text, and where its members are in it. */
export interface ObjectText {
  readonly text: string
  readonly members: ReadonlyMap<string, MemberSpan>
  readonly offset: number
}

export function memberObject(body: Pick<ObjectText, 'text' | 'members'>, name: string): ObjectText | undefined {
  const span = body.members.get(name)
  if (span === undefined) return undefined
  const text = body.text.slice(span.valueStart, span.valueEnd)
  return { text, members: memberSpans(text), offset: span.valueStart }
}

/** Sets a member: in its place where it stands already, else as the first of the object. */
export function setMember({ text, members, offset }: ObjectText, name: string, json: string): Splice {
  const span = members.get(name)
  if (span) return { start: offset + span.valueStart, end: offset + span.valueEnd, text: json }
  const start = offset + text.indexOf('{') + 1
  return { start, end: start, text: `${JSON.stringify(name)}:${json}${members.size > 0 ? ',' : ''}` }
}

/** What to cut so that the object is as if it had never had the member: the member, and one comma beside it. */
export function memberCut(
  objectText: string,
  name: string,
): { readonly start: number; readonly end: number } | undefined {
  const members = memberSpans(objectText)
  const span = members.get(name)
  if (span === undefined) return undefined
  let before = -1
  let after = Infinity
  for (const other of members.values()) {
    if (other.keyStart < span.keyStart) before = Math.max(before, other.valueEnd)
    else if (other !== span) after = Math.min(after, other.keyStart)
  }
  if (before >= 0) return { start: before, end: span.valueEnd }
  return { start: span.keyStart, end: after === Infinity ? span.valueEnd : after }
}
