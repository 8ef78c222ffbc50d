/** Takes secrets out of text before it is written anywhere. */
export interface Scrubber {
  /** From now on this value is taken out wherever it stands, also percent-encoded. */
  conceal(secret: string | undefined): void
  scrub(text: string): string
}

const GONE = '[redacted]'
/** Shorter values are words, and would be taken out of everything. */
const LEAST_CHARACTERS = 6

/**
 * What a secret looks like where we do not know it: our own keys, those of providers, credentials of headers, passwords
 * and queries of URLs (incidents IC2), also where the query's own `?` and `=` are percent-encoded.
 */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\btta?_[\w-]{16,}/g, GONE],
  [/\b(?:sk|pk|rk|gsk|xai|whsec)[-_][\w-]{12,}|\bAIza[\w-]{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, GONE],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, GONE],
  [/\b(bearer|basic) +[^\s"'\\]{6,}/gi, `$1 ${GONE}`],
  [/(:\/\/)[^\s"'\\/@]+@/g, `$1${GONE}@`],
  [/(\w:\/\/[^\s"'\\?#]*\?)[^\s"'\\]+/g, `$1${GONE}`],
  [
    /((?:[?&;]|%3f|%26)(?:[\w.-]*(?:key|token|secret|password|signature|credential)|sig|code)(?:=|%3d))(?!\[redacted)[^\s"'\\&#]+/gi,
    `$1${GONE}`,
  ],
]

/** Something that every look begins with or has: most lines have none of it, and are looked through only once. */
const BEGINNINGS = /tta?_|\b(?:sk|pk|rk|gsk|xai|whsec)[-_]|AIza|AKIA|ASIA|eyJ|bearer|basic|:\/\/|[?&;]|%3f|%26/i

export function scrubber(): Scrubber {
  const known = new Set<string>()
  let pattern: RegExp | undefined
  return {
    conceal(secret) {
      if (secret === undefined || secret.length < LEAST_CHARACTERS || known.has(secret)) return
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) known.add(form)
      // The longest first: one secret may begin with another.
      const all = [...known].toSorted((a, b) => b.length - a.length)
      pattern = new RegExp(all.map((form) => RegExp.escape(form)).join('|'), 'g')
    },
    scrub(text) {
      let scrubbed = pattern ? text.replaceAll(pattern, GONE) : text
      if (!BEGINNINGS.test(scrubbed)) return scrubbed
      for (const [look, instead] of LOOKS) scrubbed = scrubbed.replaceAll(look, instead)
      return scrubbed
    },
  }
}
