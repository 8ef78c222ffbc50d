import type { ControlPlane, Json } from './control-plane.ts'

export interface Caller {
  readonly userId: string
  readonly key: string
  /** It has a limit of a minute, for which an SDK would wait. */
  readonly impatient: boolean
}

const CALENDAR = (unit: string) => ({ kind: 'calendar', unit, zone: 'Europe/Amsterdam' })

/** Users with a limit of each kind, some of them generous, none of them for long. */
export async function settledIn(control: ControlPlane) {
  const callers: Caller[] = []
  const amounts = new Map<string, Raised>()
  const newCaller = async (name: string, tokenLimit: number | null, impatient = false) => {
    const { userId, key, keyId } = await control.newUser(tokenLimit, name)
    callers.push({ userId, key, impatient })
    return { user: { kind: 'user', id: userId }, key: { kind: 'key', id: keyId } }
  }
  const put = async (scope: object, metric: string, window: object, amount: number, mode = 'hard') => {
    const rule = { scope, metric, window, mode }
    const { limitId } = await control.limit({ ...rule, amount })
    amounts.set(limitId, { rule, amount })
  }
  await newCaller('unlimited', null)
  await newCaller('bounded', 1_500)
  const minute = await newCaller('minute', null, true)
  await put(minute.user, 'requests', { kind: 'minute' }, 100)
  await put(minute.user, 'tokens', { kind: 'minute' }, 20_000)
  const spender = await newCaller('spender', null)
  await put(spender.user, 'costNanoUsd', CALENDAR('day'), 400_000)
  const worker = await newCaller('worker', null)
  await put(worker.key, 'tokens', CALENDAR('hour'), 2_000)
  await put(worker.key, 'requests', { kind: 'lifetime' }, 10)
  const watched = await newCaller('watched', 100_000_000)
  await put(watched.user, 'requests', CALENDAR('week'), 5, 'soft')
  await put(watched.key, 'tokens', CALENDAR('month'), 100, 'shadow')
  await put({ kind: 'label', id: 'team=red' }, 'requests', CALENDAR('day'), 20)
  await put({ kind: 'model', id: 'gpt-4o' }, 'costNanoUsd', CALENDAR('month'), 2_000_000)
  await put({ kind: 'provider', id: 'anthropic' }, 'requests', CALENDAR('week'), 60)
  await put({ kind: 'tenant', id: 'default' }, 'tokens', { kind: 'lifetime' }, 60_000)
  const bounded = (await control.ask('GET', '/api/limits')).body.limits as Json[]
  for (const { limitId, amount, mode, scope, metric, window } of bounded)
    if (!amounts.has(limitId) && amount !== null)
      amounts.set(limitId, { rule: { scope, metric, window, mode }, amount: Number(amount) })
  return { callers, amounts }
}

export interface Raised {
  readonly rule: { readonly mode: string; readonly metric: string; readonly window: object; readonly scope: object }
  /** The most that it was ever put to, before that is acknowledged. */
  amount: number
}

/** Limits are raised while calls are open, now this one, now that, and only as far as there is some way to go. */
export async function raiseOne(control: ControlPlane, amounts: Map<string, Raised>, below: (limit: number) => number) {
  const limits = (await control.ask('GET', '/api/limits')).body.limits as Json[]
  const reached = limits.filter(
    ({ limitId, settled, held, amount, mode, window }) =>
      amounts.has(limitId) && mode === 'hard' && window.kind !== 'minute' && settled + held > amount * 0.7,
  )
  const one = reached[below(reached.length)]
  if (!one) return
  const raised = amounts.get(one.limitId)!
  raised.amount = Math.ceil(raised.amount * (1.2 + below(8) / 10))
  await control.limit({ ...raised.rule, amount: raised.amount })
}

/** Hard limits that are exceeded at this instant. */
export function exceeded(limits: readonly Json[], amounts: ReadonlyMap<string, Raised>): string[] {
  return limits.flatMap(({ limitId, mode, scope, metric, settled, held }) => {
    const most = amounts.get(limitId)?.amount
    if (mode !== 'hard' || most === undefined || settled + held <= most) return []
    return [`${metric} of ${scope.kind} ${scope.id}: ${settled} settled and ${held} held, of ${most}`]
  })
}
