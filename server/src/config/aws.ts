import type { Signing } from '../core/ports/deployment.ts'
import { refuse, textAt, type YamlMap, type YamlValue } from '../pricing/yaml-document.ts'
import { baseUrlFrom } from './base-url.ts'
import type { Configuration } from './env.ts'

/** What an entry of `model_list` says of AWS beside its `api_key`; secrets by the names of their variables. */
export interface AwsEntry {
  readonly region: string | undefined
  readonly accessKeyIdName: string | undefined
  readonly secretName: string | undefined
  readonly sessionTokenName: string | undefined
}

export const AWS_PARAMETERS = [
  'aws_region_name',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
] as const

/** Undefined where the entry has none of them. `variableAt` reads the name of a variable. */
export function awsEntryOf(parameters: YamlMap, variableAt: (value: YamlValue) => string): AwsEntry | undefined {
  const [region, accessKeyId, secret, sessionToken] = AWS_PARAMETERS.map((name) => parameters.entries.get(name))
  if (!region && !accessKeyId && !secret && !sessionToken) return undefined
  if (!accessKeyId !== !secret)
    refuse(parameters.place, 'aws_access_key_id and aws_secret_access_key must both be there, or neither')
  return {
    region: region && regionFrom(region.place, textAt(region)),
    accessKeyIdName: accessKeyId && variableAt(accessKeyId),
    secretName: secret && variableAt(secret),
    sessionTokenName: sessionToken && variableAt(sessionToken),
  }
}

/** Where Bedrock is for a deployment, and what authenticates calls there. */
export interface AwsAccess {
  readonly baseUrl: string
  /** The variable of the credential, or that of what is missing. */
  readonly credentialName: string
  readonly signing?: Signing
}

/**
 * By the entry's own key or keys, else by what the environment has: a Bedrock API key, or an access key with its
 * secret. The region is the entry's, else the environment's; only a Bedrock API key at a given address needs none.
 */
export function awsAccess(
  { credential, baseUrls }: Pick<Configuration, 'credential' | 'baseUrls'>,
  entry: { readonly baseUrl?: string | undefined } & OwnKeys,
): AwsAccess {
  const keys = keysOf(credential, entry)
  const credentialName = keys?.secretName ?? entry.credentialName ?? BEARER
  // AWS_REGION is set on many machines that have nothing to do with Bedrock: it is looked at where it is needed.
  const isUsed = credential(credentialName) !== undefined
  const [regionName = 'AWS_REGION'] = ['AWS_REGION', 'AWS_DEFAULT_REGION'].filter((name) => credential(name))
  const regionHere = isUsed ? credential(regionName) : undefined
  const region = entry.aws?.region ?? (regionHere === undefined ? undefined : regionFrom(regionName, regionHere))
  const endpoint = credential(ENDPOINT)
  const address =
    entry.baseUrl ??
    baseUrls.get('BEDROCK_BASE_URL') ??
    (endpoint === undefined ? undefined : baseUrlFrom(ENDPOINT, endpoint))
  const baseUrl = address ?? `https://bedrock-runtime.${region ?? 'us-east-1'}.amazonaws.com`
  if (isUsed && region === undefined && (keys || address === undefined))
    return { baseUrl, credentialName: 'AWS_REGION' }
  if (!keys || region === undefined) return { baseUrl, credentialName }
  const { accessKeyId, sessionToken } = keys
  return {
    baseUrl,
    credentialName,
    signing: { accessKeyId, region, ...(sessionToken !== undefined && { sessionToken }) },
  }
}
interface OwnKeys {
  readonly credentialName?: string | undefined
  readonly aws?: AwsEntry | undefined
}
const BEARER = 'AWS_BEARER_TOKEN_BEDROCK'
const ENDPOINT = 'AWS_BEDROCK_RUNTIME_ENDPOINT'

/** The access key to sign with; undefined where a Bedrock API key is used, or nothing is there. */
function keysOf(credential: Configuration['credential'], { credentialName, aws }: OwnKeys) {
  const isOwn = aws?.secretName !== undefined
  if (!isOwn && (credentialName !== undefined || credential(BEARER) !== undefined)) return undefined
  const accessKeyId = credential(aws?.accessKeyIdName ?? 'AWS_ACCESS_KEY_ID')
  if (accessKeyId === undefined) return undefined
  const sessionTokenName = isOwn ? aws.sessionTokenName : 'AWS_SESSION_TOKEN'
  return {
    accessKeyId,
    secretName: aws?.secretName ?? 'AWS_SECRET_ACCESS_KEY',
    sessionToken: sessionTokenName === undefined ? undefined : credential(sessionTokenName),
  }
}

/** It becomes a part of an address. */
function regionFrom(place: string, region: string): string {
  return /^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/.test(region)
    ? region
    : refuse(place, 'is no region of AWS, as in us-east-1')
}
