import { hostOfPrefix, prefixOf } from './known-hosts.ts'
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
    usual: ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY', ...AWS_CREDENTIALS],
  }
}

const AWS_CREDENTIALS = ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_SECRET_ACCESS_KEY']
