import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Item } from './attributes.ts'
import type { Key } from './keys.ts'

/** What must be true of an item for a transaction to happen. */
export type Condition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'equals'; readonly name: string; readonly value: AttributeValue }
  | { readonly kind: 'unset'; readonly name: string }
  | { readonly kind: 'atMost'; readonly name: string; readonly value: AttributeValue; readonly orUnset: boolean }

/** One item of a transaction. */
export type Draft = { readonly key: Key; readonly conditions?: readonly Condition[] } & (
  | { readonly kind: 'put'; readonly item: Item }
  | {
      readonly kind: 'update'
      readonly set?: Item
      /** Set unless it is there. */
      readonly once?: Item
      readonly add?: Item
    }
  | { readonly kind: 'delete' }
  | { readonly kind: 'check' }
)

/** The names of tables, and the names of the attributes of their keys. */
export type Tables = Readonly<Record<Key['table'], string>>
export const ABSENT: readonly Condition[] = [{ kind: 'absent' }]

export function keyAttributes({ table, pk, sk }: Key): Item {
  return table === 'users' ? { userId: { S: pk } } : { pk: { S: pk }, sk: { S: sk } }
}

export function writeItem(draft: Draft, tables: Tables): TransactWriteItem {
  const { key, conditions = [] } = draft
  const names = new Map<string, string>()
  const values: Item = {}
  const name = (attribute: string) => {
    const known = names.get(attribute) ?? `#${names.size}`
    names.set(attribute, known)
    return known
  }
  const value = (given: AttributeValue) => {
    const placeholder = `:${Object.keys(values).length}`
    values[placeholder] = given
    return placeholder
  }
  const update = draft.kind === 'update' ? updateText(draft, name, value) : undefined
  const condition = conditions.map((one) => conditionText(one, key, name, value)).join(' AND ')
  const common = {
    TableName: tables[key.table],
    ...(condition && { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
    ...(names.size > 0 && {
      ExpressionAttributeNames: Object.fromEntries([...names].map(([attribute, known]) => [known, attribute])),
    }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  }
  switch (draft.kind) {
    case 'put':
      return { Put: { ...common, Item: { ...keyAttributes(key), ...draft.item } } }
    case 'update':
      return { Update: { ...common, Key: keyAttributes(key), UpdateExpression: update } }
    case 'delete':
      return { Delete: { ...common, Key: keyAttributes(key) } }
    case 'check':
      return { ConditionCheck: { ...common, Key: keyAttributes(key), ConditionExpression: condition } }
  }
}

type Placeholder<T> = (of: T) => string

function updateText(
  { set = {}, once = {}, add = {} }: { set?: Item; once?: Item; add?: Item },
  name: Placeholder<string>,
  value: Placeholder<AttributeValue>,
): string {
  const sets = [
    ...Object.entries(set).map(([attribute, given]) => `${name(attribute)} = ${value(given)}`),
    ...Object.entries(once).map(
      ([attribute, given]) => `${name(attribute)} = if_not_exists(${name(attribute)}, ${value(given)})`,
    ),
  ]
  const adds = Object.entries(add).map(([attribute, given]) => `${name(attribute)} ${value(given)}`)
  return [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(adds.length > 0 ? [`ADD ${adds.join(', ')}`] : []),
  ].join(' ')
}

function conditionText(
  condition: Condition,
  { table }: Key,
  name: Placeholder<string>,
  value: Placeholder<AttributeValue>,
): string {
  switch (condition.kind) {
    case 'absent':
      return `attribute_not_exists(${name(table === 'users' ? 'userId' : 'pk')})`
    case 'equals':
      return `${name(condition.name)} = ${value(condition.value)}`
    case 'unset':
      return `attribute_not_exists(${name(condition.name)})`
    case 'atMost': {
      const below = `${name(condition.name)} <= ${value(condition.value)}`
      return condition.orUnset ? `(attribute_not_exists(${name(condition.name)}) OR ${below})` : below
    }
  }
}
