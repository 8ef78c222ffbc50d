/** Names of providers and models as labels of metrics: few, whatever anybody calls or reports (checks Q21, P39). */
export interface ModelNames {
  of(provider: string, model: string): { readonly provider: string; readonly model: string }
}

const OTHER = 'other'
/** A price may be known by a pattern that many names match, so that knowing a model bounds nothing by itself. */
const MOST_MODELS = 200
const MOST_PROVIDERS = 30

/** Known models have their own names, the first so many of them; all others share one. */
export function modelNames(isKnown: (provider: string, model: string) => boolean): ModelNames {
  const named = new Map<string, Set<string>>()
  let models = 0
  return {
    of(provider, model) {
      const there = named.get(provider)
      if (there?.has(model)) return { provider, model }
      if (!isKnown(provider, model) || (!there && named.size >= MOST_PROVIDERS))
        return { provider: there ? provider : OTHER, model: OTHER }
      if (models >= MOST_MODELS) return { provider: there ? provider : OTHER, model: OTHER }
      models++
      named.set(provider, (there ?? new Set()).add(model))
      return { provider, model }
    },
  }
}
