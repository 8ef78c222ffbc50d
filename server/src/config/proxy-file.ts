import type { Limit, Scope } from '../core/limit.ts'
import type { DisconnectPolicy } from '../core/ports/deployment.ts'
import { CALENDAR_UNITS, type Window } from '../core/window.ts'
import {
  countAt,
  decimalAt,
  listAt,
  mapWith,
  refuse,
  textAt,
  wordAt,
  type YamlMap,
  type YamlValue,
} from '../pricing/yaml-document.ts'
import { AWS_PARAMETERS, type AwsEntry, awsEntryOf } from './aws.ts'
import { baseUrlFrom } from './base-url.ts'
import { API_VERSION } from './env.ts'

/** One entry of `model_list`. */
export interface ListedModel {
  /** What clients ask for. */
  readonly name: string
  /** As written, perhaps with a provider before the first slash. */
  readonly model: string
  /** The environment variable of the credential; undefined leaves the provider's own. */
  readonly credentialName: string | undefined
  readonly baseUrl: string | undefined
  /** What the model is, where its name at the provider does not tell; undefined where it does. */
  readonly baseModel: string | undefined
  /** Azure's, `2024-10-21`; undefined leaves the environment's. */
  readonly apiVersion: string | undefined
  /** What it says of AWS; undefined leaves all to the environment. */
  readonly aws: AwsEntry | undefined
  readonly disconnect: DisconnectPolicy | undefined
  /** Where it was written, for messages about it. */
  readonly place: string
}

/** A limit that the file asks for, of no tenant yet; a model is named as in `model_list`. */
export type LimitRequest = Pick<Limit, 'metric' | 'window' | 'amount' | 'mode' | 'thresholds'> & {
  readonly scope: { readonly kind: 'tenant' } | (Scope & { readonly kind: 'model' })
}

/** What `config/proxy.yaml` says. */
export interface ProxyFile {
  readonly modelList: readonly ListedModel[]
  readonly routing: Routing
  readonly limits: readonly LimitRequest[]
  /** How many calls may go without the ledger while it cannot be reached. */
  readonly failOpenCalls: number
  /** Their addresses are kept for the day when e-mail is a channel. */
  readonly alerts: readonly BudgetAlert[]
  /** What the file asks for and does not get, for the log. */
  readonly notices: readonly string[]
}

/** How calls move between the deployments of a model. */
export interface Routing {
  /** Attempts at deployments that were tried already. */
  readonly retries: number
  /** So many failures in a row send a deployment to cool down. */
  readonly allowedFailures: number
  readonly coolDownMs: number
}
const ROUTING: Routing = { retries: 0, allowedFailures: 3, coolDownMs: 30_000 }

export interface BudgetAlert {
  /** Percent of the budget. */
  readonly threshold: number
  readonly email: string
}

/** Reads the file's content: model_list, rate_limits and budget. Throws ConfigurationError with one line. */
export function proxyFileFrom(document: YamlValue | undefined): ProxyFile {
  if (document === undefined)
    return { modelList: [], routing: ROUTING, limits: [], failOpenCalls: 0, alerts: [], notices: [] }
  const { entries } = mapWith(document, ['model_list', 'router_settings', 'rate_limits', 'budget', 'fail_open'])
  const budget = entries.get('budget')
  const { limits, alerts } = budget ? budgetOf(budget) : { limits: [], alerts: [] }
  const [first] = alerts
  return {
    modelList: itemsOf(entries.get('model_list')).map(listedModel),
    routing: routingOf(entries.get('router_settings')),
    limits: [...itemsOf(entries.get('rate_limits')).map(rateLimit), ...limits],
    failOpenCalls: failOpenCallsOf(entries.get('fail_open')),
    alerts,
    notices: first
      ? [
          `${alerts.length} budget alerts go to the webhook of ALERT_WEBHOOK_URL, where that is set, and to no e-mail address yet.`,
        ]
      : [],
  }
}

/** `model_list:` with nothing below it is an empty list: so it stands while all its entries are comments. */
function itemsOf(value: YamlValue | undefined): readonly YamlValue[] {
  if (value === undefined || (value.kind === 'scalar' && value.type === 'null')) return []
  return listAt(value)
}

/** `router_settings` in the field's usual names, times in seconds. */
function routingOf(value: YamlValue | undefined): Routing {
  if (value === undefined) return ROUTING
  const { entries } = mapWith(value, ['num_retries', 'allowed_fails', 'cooldown_time'])
  const number = (name: string, least: number) => {
    const given = entries.get(name)
    return given && countAt(given, least)
  }
  const coolDownSeconds = number('cooldown_time', 0)
  return {
    retries: Math.min(MOST_RETRIES, number('num_retries', 0) ?? ROUTING.retries),
    allowedFailures: number('allowed_fails', 1) ?? ROUTING.allowedFailures,
    coolDownMs: coolDownSeconds === undefined ? ROUTING.coolDownMs : coolDownSeconds * 1000,
  }
}
/** A client waits for every one of them. */
const MOST_RETRIES = 10

function listedModel(value: YamlValue): ListedModel {
  const entry = mapWith(value, ['model_name', 'litellm_params', 'model_info'])
  const parameters = mapWith(needed(entry, 'litellm_params'), PARAMETERS)
  const key = parameters.entries.get('api_key')
  const base = parameters.entries.get('api_base')
  const version = parameters.entries.get('api_version')
  const disconnect = parameters.entries.get('disconnect')
  return {
    name: textAt(needed(entry, 'model_name')),
    model: textAt(needed(parameters, 'model')),
    credentialName: key && variableAt(key),
    baseUrl: base && baseUrlFrom(base.place, textAt(base)),
    baseModel: baseModelOf(entry, parameters),
    apiVersion: version && apiVersionAt(version),
    aws: awsEntryOf(parameters, variableAt),
    disconnect: disconnect && wordAt(disconnect, ['abort', 'drain']),
    place: entry.place,
  }
}
const PARAMETERS = ['model', 'api_key', 'api_base', 'api_version', 'base_model', 'disconnect', ...AWS_PARAMETERS]

/** In `model_info` or in `litellm_params`: both are in use. */
function baseModelOf(entry: YamlMap, parameters: YamlMap): string | undefined {
  const info = entry.entries.get('model_info')
  const given = [info && mapWith(info, ['base_model']), parameters].flatMap(
    (map) => map?.entries.get('base_model') ?? [],
  )
  const [name, ...others] = new Set(given.map(textAt))
  if (others.length > 0) refuse(entry.place, `base_model is both ${name} and ${others[0]}: keep one of them`)
  return name
}

/** It becomes a part of an address. */
function apiVersionAt(value: YamlValue): string {
  const version = textAt(value)
  return API_VERSION.test(version) ? version : refuse(value.place, 'is no api_version, as in 2024-10-21 or preview')
}

/** `${NAME}`: a file is no place for a secret, and the message does not repeat what was written there instead. */
function variableAt(value: YamlValue): string {
  const name = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(textAt(value))?.[1]
  return name ?? refuse(value.place, 'must name an environment variable, as in ${OPENAI_API_KEY}')
}

function rateLimit(value: YamlValue): LimitRequest {
  const rule = mapWith(value, ['model', 'limit', 'period'])
  const period = wordAt(needed(rule, 'period'), ['minute', ...CALENDAR_UNITS])
  return {
    scope: { kind: 'model', id: textAt(needed(rule, 'model')) },
    metric: 'requests',
    window: period === 'minute' ? { kind: 'minute' } : { kind: 'calendar', unit: period, zone: 'UTC' },
    amount: BigInt(countAt(needed(rule, 'limit'), 0)),
    mode: 'hard',
  }
}

const NANO_DIGITS = 9
const BUDGET_WINDOWS: ReadonlyMap<string, Window> = new Map([
  ['total', { kind: 'lifetime' }],
  ['daily', { kind: 'calendar', unit: 'day', zone: 'UTC' }],
])

function budgetOf(value: YamlValue): { limits: LimitRequest[]; alerts: BudgetAlert[] } {
  const budget = mapWith(value, [...BUDGET_WINDOWS.keys(), 'alerts'])
  const alerts = itemsOf(budget.entries.get('alerts')).map(budgetAlert)
  const thresholds = [...new Set(alerts.map(({ threshold }) => threshold))].toSorted((a, b) => a - b)
  const limits: LimitRequest[] = []
  for (const [key, window] of BUDGET_WINDOWS) {
    const usd = budget.entries.get(key)
    if (usd)
      limits.push({
        scope: { kind: 'tenant' },
        metric: 'costNanoUsd',
        window,
        amount: decimalAt(usd, NANO_DIGITS),
        mode: 'hard',
        thresholds,
      })
  }
  return { limits, alerts }
}

/** Off unless a number is given: what goes without the ledger goes without its limits. */
function failOpenCallsOf(value: YamlValue | undefined): number {
  if (value === undefined || (value.kind === 'scalar' && value.type === 'null')) return 0
  const calls = needed(mapWith(value, ['calls']), 'calls')
  const most = countAt(calls, 0)
  return most <= MOST_FAIL_OPEN_CALLS ? most : refuse(calls.place, `must be ${MOST_FAIL_OPEN_CALLS} at most`)
}
const MOST_FAIL_OPEN_CALLS = 100_000

function budgetAlert(value: YamlValue): BudgetAlert {
  const alert = mapWith(value, ['threshold', 'email'])
  return { threshold: countAt(needed(alert, 'threshold'), 1), email: textAt(needed(alert, 'email')) }
}

function needed(map: YamlMap, key: string): YamlValue {
  return map.entries.get(key) ?? refuse(map.place, `${key} is missing`)
}
