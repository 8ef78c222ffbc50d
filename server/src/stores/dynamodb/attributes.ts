import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Columns, Row, Value } from '../rows/columns.ts'

/** An item as DynamoDB keeps it: numbers are decimal text, so that 64-bit sums lose nothing. */
export type Item = Record<string, AttributeValue>

export function text(value: string): AttributeValue {
  return { S: value }
}
export function whole(value: bigint | number): AttributeValue {
  return { N: String(value) }
}

export function textOf(item: Item, name: string): string {
  return item[name]!.S!
}
/** 0 where the attribute is not there: what was never added to. */
export function numberOf(item: Item | null | undefined, name: string): number {
  return Number(item?.[name]?.N ?? 0)
}
export function wholeOf(item: Item | null | undefined, name: string): bigint {
  return BigInt(item?.[name]?.N ?? 0)
}

/** A noun in attributes that are named like the columns of the SQL engines; what is null is left out. */
export function itemOf<Noun>(columns: Columns<Noun>, noun: Noun): Item {
  const item: Item = {}
  for (const [name, value] of columns) {
    const attribute = attributeOf(value(noun))
    if (attribute) item[name] = attribute
  }
  return item
}

/** The row that a SQL engine would give for the item. */
export function rowOf<Noun>(columns: Columns<Noun>, item: Item): Row {
  const row: Row = {}
  for (const [name] of columns) {
    const { S, N } = item[name] ?? {}
    row[name] = N === undefined ? (S ?? null) : BigInt(N)
  }
  return row
}

function attributeOf(value: Value): AttributeValue | undefined {
  if (value === null) return undefined
  return typeof value === 'string' ? text(value) : whole(value)
}
