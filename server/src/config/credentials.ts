import { KNOWN_HOSTS } from './known-hosts.ts'
import type { ProxyFile } from './proxy-file.ts'

/** The environment variables that credentials come from, by name. */
export interface CredentialNames {
  /** Those of the models that proxy.yaml lists. */
  readonly needed: readonly string[]
  /** Those that are enough by themselves. */
  readonly usual: readonly string[]
}

export function credentialNames({ modelList }: Pick<ProxyFile, 'modelList'>): CredentialNames {
  const needed = modelList.flatMap(({ credentialName, model }) => {
    const host = KNOWN_HOSTS.find(({ provider }) => model.startsWith(`${provider}/`))
    return credentialName ?? host?.credentialName ?? []
  })
  return { needed: [...new Set(needed)], usual: ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY'] }
}
