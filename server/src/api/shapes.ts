import { z } from 'zod'

/** What schemas of answers are made of. Amounts are bigint until they are written as JSON. */
export const readonlyList = <T extends z.ZodType>(item: T) =>
  z.array(item) as unknown as z.ZodType<readonly z.output<T>[]>

/** All of the names. */
export const recordOf = <Name extends string>(names: readonly Name[], value: z.ZodType<bigint>) =>
  z.record(z.enum(names as readonly [Name, ...Name[]]), value) as unknown as z.ZodType<Readonly<Record<Name, bigint>>>

/** Some of the names. */
export const partialRecordOf = <Name extends string>(names: readonly Name[], value: z.ZodType<bigint>) =>
  z.partialRecord(z.enum(names as readonly [Name, ...Name[]]), value) as unknown as z.ZodType<
    Readonly<Partial<Record<Name, bigint>>>
  >

/** Names that others chose. */
export const freeRecord = <T extends z.ZodType>(value: T) =>
  z.record(z.string(), value) as unknown as z.ZodType<Readonly<Record<string, z.output<T>>>>

export const cursorOf = { nextCursor: z.string().nullable().describe('null on the last page') }
