import type { Deployment, Signing } from '../core/ports/deployment.ts'
import type { PriceBook } from '../core/ports/price-book.ts'
import { acceptedName } from '../pricing/models.ts'
import { SIMULATED_MODELS, SIMULATED_PROVIDER } from '../pricing/simulated.ts'
import type { EndpointName } from '../providers/endpoints/all.ts'
import type { FormatName } from '../providers/formats/all.ts'
import { refuse } from '../pricing/yaml-document.ts'
import { awsAccess } from './aws.ts'
import type { Configuration } from './env.ts'
import type { Files } from './files.ts'
import {
  hostAt,
  hostOfPrefix,
  KNOWN_HOSTS,
  type KnownHost,
  OPEN_HOSTS,
  OPENAI_FORMATS,
  prefixOf,
} from './known-hosts.ts'
import type { ListedModel } from './proxy-file.ts'

/** Which deployment serves which model. */
export interface Deployments {
  /** The deployments for a model's name as a client wrote it, in the format it called, in the order to try them. */
  readonly resolve: (format: string, model: string) => readonly Deployment[]
  /**
   * The canonical names of the models that a name stands for, in whatever format: what limits go by (check Q12). The name
   * itself where nothing here is called so.
   */
  readonly canonical: (name: string) => readonly string[]
  /** The models that have a name here; hosts that serve any name are not listed. */
  readonly models: () => readonly { readonly model: string; readonly provider: string; readonly format: string }[]
}

/**
 * The deployments of a configuration, in the order in which they are asked:
 * 1. the simulated models, in every format that is simulated, at `simulatedUrl`;
 * 2. `model_list` of proxy.yaml, where several entries of one name stand in for each other in their order;
 * 3. the known hosts that are open, where the environment has their credential: any model that the price book knows there,
 *    and any at all where the base URL is not the provider's own, since nobody else knows what is served there. A deployment
 *    of Azure that is not called like its model is listed in proxy.yaml.
 */
export function deploymentsFrom(
  configuration: Configuration,
  { proxy }: Pick<Files, 'proxy'>,
  prices: PriceBook,
  simulatedUrl: string,
): Deployments {
  const named = new Map<string, readonly Deployment[]>()
  for (const host of simulatedHosts(simulatedUrl))
    for (const model of SIMULATED_MODELS)
      for (const deployment of deploymentsAt(configuration, prices, host, model))
        named.set(nameIn(deployment.format, model), [{ ...deployment, credential: SIMULATED_PROVIDER }])
  for (const entry of proxy.modelList)
    for (const deployment of listed(configuration, prices, entry)) {
      const name = nameIn(deployment.format, entry.name)
      const others = named.get(name) ?? []
      if (others.some((other) => other.provider === SIMULATED_PROVIDER || other.name === deployment.name))
        refuse(entry.place, `${entry.name} is there already, at ${deployment.name}`)
      named.set(name, [...others, deployment])
    }
  // A name that is listed is meant where it is listed, and not at whoever takes any.
  const listedNames = new Set(proxy.modelList.map(({ name }) => name))
  const opened = new Map<string, readonly Deployment[]>()
  const open = OPEN_PROVIDERS.flatMap((provider) => openHost(configuration, provider) ?? [])
  const resolve: Deployments['resolve'] = (format, model) => {
    const name = nameIn(format, model)
    const listedHere = named.get(name)
    if (listedHere || !isModelName(model)) return listedHere ?? []
    const remembered = opened.get(name)
    if (remembered) return remembered
    const host = open.find(
      ({ formats, servesAny, provider }) =>
        (formats as readonly string[]).includes(format) &&
        ((servesAny && isOfFamily(format, formats[0]!) && !listedNames.has(model)) || prices.knows(provider, model)),
    )
    if (!host) return []
    if (opened.size >= MOST_REMEMBERED) opened.clear()
    const isUnheardOf = !prices.knows(host.provider, model)
    const made = deploymentsAt(configuration, prices, host, model)
      .filter((one) => one.format === format)
      .map((one): Deployment => (isUnheardOf ? { ...one, isUnheardOf } : one))
    opened.set(name, made)
    return made
  }
  return {
    resolve,
    canonical(name) {
      const modelsOf = (deployments: readonly Deployment[]) => [...new Set(deployments.map(({ model }) => model))]
      // Also by the name that its provider knows it by, which people copy from there.
      const isCalledSo = (one: Deployment) => one.upstreamModel === name || one.model === name
      const listedSo = SERVED_FORMATS.flatMap((format) => named.get(nameIn(format, name)) ?? [])
      const configured = modelsOf([...listedSo, ...[...named.values()].flat().filter(isCalledSo)])
      if (configured.length > 0) return configured
      // A host that serves any name also serves this one, and knows nothing of what it stands for.
      const heardOf = SERVED_FORMATS.flatMap((format) => resolve(format, name)).filter((one) => !one.isUnheardOf)
      const served = modelsOf(heardOf)
      if (served.length > 0) return served
      const provider = OPEN_PROVIDERS.find((one) => prices.knows(one, name))
      return [provider === undefined ? name : prices.canonical(provider, name)]
    },
    models: () =>
      [...named].map(([name, [first]]) => {
        const { provider, format } = first!
        return { model: name.slice(format.length + 1), provider, format }
      }),
  }
}

/** Names come from clients, so what is remembered of them has an end. */
const MOST_REMEMBERED = 10_000

/** The APIs that are served. */
export const SERVED_FORMATS: readonly FormatName[] = [...new Set(KNOWN_HOSTS.flatMap((host) => host.formats))]
const OPEN_PROVIDERS = OPEN_HOSTS.map(({ provider }) => provider)

/** A host whose address is known. */
type Host = KnownHost & { readonly baseUrl: string; readonly apiVersion?: string; readonly signing?: Signing }

/** Whether two APIs are of one maker: a host at an address of somebody's own is trusted to speak its maker's, no others. */
function isOfFamily(format: string, own: FormatName): boolean {
  return format.startsWith(own.replace(/-.*$/, '-'))
}

/** Formats have no spaces in their names. */
function nameIn(format: string, model: string): string {
  return `${format} ${model}`
}

/** The names that any provider gives, and nothing that could not be kept or shown: they come from clients. */
function isModelName(model: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(model)
}

/** The simulated provider speaks as two hosts do. */
function simulatedHosts(baseUrl: string): readonly Host[] {
  const host = (endpoint: EndpointName, format: FormatName): Host => {
    return {
      provider: SIMULATED_PROVIDER,
      baseUrl,
      credentialName: '',
      endpoint,
      formats: [format],
      knowsMaxCompletionTokens: true,
      knowsStreamOptions: true,
    }
  }
  return [host('openai', 'openai-chat'), host('openai', 'openai-responses'), host('anthropic', 'anthropic-messages')]
}

/** A model in an environment-only provider's own host, or in the one that the environment puts in its place. */
function openHost(configuration: Configuration, provider: string): (Host & { servesAny: boolean }) | undefined {
  const known = KNOWN_HOSTS.find((host) => host.provider === provider)
  const host = known && atConfiguredUrl(configuration, known)
  if (!host || configuration.credential(host.credentialName) === undefined) return undefined
  return { ...host, servesAny: known.baseUrl !== undefined && host.baseUrl !== known.baseUrl }
}

function listed(configuration: Configuration, prices: PriceBook, entry: ListedModel): readonly Deployment[] {
  const { known, model } = providerOf(entry)
  const host = atConfiguredUrl(configuration, known, entry)
  if (!host)
    return refuse(entry.place, 'api_base is missing: each resource of Azure has its own; or set AZURE_OPENAI_ENDPOINT')
  if (entry.apiVersion !== undefined && host.apiVersion === undefined)
    refuse(entry.place, `api_version is for Azure, and this is ${known.provider}`)
  if (entry.aws !== undefined && known.endpoint !== 'bedrock')
    refuse(entry.place, `aws_region_name and its like are for Bedrock, and this is ${known.provider}`)
  const credentialName = entry.credentialName ?? host.credentialName
  const deployments = deploymentsAt(
    configuration,
    prices,
    { ...host, credentialName },
    model,
    baseModelOf(entry, known),
  )
  return deployments.map((one) => ({ ...one, disconnect: entry.disconnect ?? one.disconnect }))
}

/**
 * The provider of an entry: the prefix of its model, else the name of its credential, else the host of its base URL. A
 * prefix that is no provider belongs to the model's name (`meta-llama/llama-4-scout-17b-16e-instruct`).
 */
function providerOf(entry: ListedModel): { known: KnownHost; model: string } {
  const prefix = prefixOf(entry.model)
  const prefixed = hostOfPrefix(prefix)
  const credited = KNOWN_HOSTS.find((host) => host.credentialName === entry.credentialName)
  if (prefixed && credited && prefixed !== credited)
    refuse(
      entry.place,
      `the model's prefix says ${prefixed.provider} and its credential ${credited.provider}; ` +
        `if ${entry.model} is the name at ${credited.provider}, write ${credited.provider}/${entry.model}`,
    )
  if (prefixed) return { known: prefixed, model: entry.model.slice(prefix.length + 1) }
  const known = credited ?? hostOf(entry)
  if (known) return { known, model: entry.model }
  const names = KNOWN_HOSTS.map((host) => host.provider).join(', ')
  return refuse(
    entry.place,
    `whose model is ${entry.model}? Write <provider>/${entry.model} (${names}), or its api_base`,
  )
}

/** The known host at the entry's base URL, or a compatible one named after its address. */
function hostOf({ baseUrl, credentialName, place }: ListedModel): KnownHost | undefined {
  if (baseUrl === undefined) return undefined
  const known = hostAt(baseUrl)
  if (known) return known
  const { host } = new URL(baseUrl)
  if (credentialName === undefined)
    refuse(place, `api_key is missing; where ${host} wants none, name a variable and set it to anything`)
  return {
    provider: host,
    baseUrl,
    credentialName,
    endpoint: 'openai',
    formats: OPENAI_FORMATS,
    knowsMaxCompletionTokens: false,
    knowsStreamOptions: true,
  }
}

/**
 * A host at another URL may be anything compatible: then only what all of them know is used. Undefined where nothing
 * says where it is.
 */
function atConfiguredUrl(
  configuration: Configuration,
  known: KnownHost,
  {
    baseUrl,
    apiVersion,
    ...more
  }: Partial<Pick<ListedModel, 'baseUrl' | 'apiVersion' | 'aws' | 'credentialName'>> = {},
): Host | undefined {
  if (known.endpoint === 'bedrock') return { ...known, ...awsAccess(configuration, { baseUrl, ...more }) }
  const fromEnvironment = configuration.baseUrls.get(known.credentialName.replace(/_API_KEY$/, '_BASE_URL'))
  const url = baseUrl ?? fromEnvironment ?? known.baseUrl
  if (url === undefined) return undefined
  if (known.endpoint === 'azure') return azureAt(known, url, apiVersion ?? configuration.azureApiVersion)
  return url === known.baseUrl
    ? { ...known, baseUrl: url }
    : { ...known, baseUrl: url, knowsMaxCompletionTokens: false }
}

/** People write a resource's address with or without the path of an API. */
function azureAt(known: KnownHost, url: string, apiVersion = 'v1'): Host {
  const isOld = /^\d{4}-/.test(apiVersion) && apiVersion < FIRST_WITH_MAX_COMPLETION_TOKENS
  const baseUrl = url.replace(/\/openai(?:\/.*)?$/, '')
  return { ...known, baseUrl, apiVersion, knowsMaxCompletionTokens: !isOld }
}
const FIRST_WITH_MAX_COMPLETION_TOKENS = '2024-09-01-preview'

/** `base_model` is written with or without its provider's name before it. */
function baseModelOf({ baseModel }: ListedModel, { provider, alias }: KnownHost): string | undefined {
  const prefix = baseModel === undefined ? '' : prefixOf(baseModel)
  return prefix !== '' && (prefix === provider || prefix === alias) ? baseModel?.slice(prefix.length + 1) : baseModel
}

/**
 * A model at a host, once for each API that the host speaks. `model` is what it is, where its name there does not tell:
 * Azure's deployments are called whatever their owner likes.
 */
function deploymentsAt(
  configuration: Configuration,
  prices: PriceBook,
  host: Host,
  name: string,
  model = name,
): readonly Deployment[] {
  const { formats, alias: _alias, isOpen: _isOpen, ...rest } = host
  const { provider, baseUrl, credentialName } = host
  // The simulator asks for none.
  const by = credentialName === '' ? '' : ` by ${credentialName}`
  return formats.map((format) => ({
    ...rest,
    name: `${provider} ${name} at ${new URL(baseUrl).host}${by}`,
    format,
    model: prices.canonical(provider, model),
    upstreamModel: acceptedName(provider, name),
    ceilings: prices.ceilings(provider, acceptedName(provider, model)),
    disconnect: host.disconnect ?? configuration.disconnect,
    credential: configuration.credential(credentialName),
  }))
}
