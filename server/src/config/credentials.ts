import { hostOfPrefix, OPEN_HOSTS, prefixOf } from './known-hosts.ts'
import type { ProxyFile } from './proxy-file.ts'

/** The environment variables that credentials come from, by name. */
export interface CredentialNames {
  /** Those of the models that proxy.yaml lists. */
  readonly needed: readonly string[]
  /** Those that are enough by themselves. */
  readonly usual: readonly string[]
}

export function credentialNames({ modelList }: Pick<ProxyFile, 'modelList'>): CredentialNames {
  const needed = modelList.flatMap(({ credentialName, aws, model }) => {
    const host = hostOfPrefix(prefixOf(model))
    // AWS takes a key of either kind, whichever is there.
    return credentialName ?? aws?.secretName ?? (host?.provider === 'bedrock' ? [] : (host?.credentialName ?? []))
  })
  return {
    needed: [...new Set(needed)],
    usual: [...ENOUGH, AWS_SECRET],
  }
}

/** Azure's needs the address of a resource beside it. */
const ENOUGH = OPEN_HOSTS.filter(({ endpoint }) => endpoint !== 'azure').map(({ credentialName }) => credentialName)
const AWS_SECRET = 'AWS_SECRET_ACCESS_KEY'
