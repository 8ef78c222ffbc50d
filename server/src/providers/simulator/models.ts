/** What the simulated models are like: small is quick and terse, large takes its time, thinking thinks first. */
export interface SimulatedModel {
  readonly contextTokens: number
  readonly firstTokenMs: readonly [least: number, most: number]
  readonly tokensPerSecond: readonly [least: number, most: number]
  readonly sentences: readonly [least: number, most: number]
  readonly thoughts: readonly [least: number, most: number]
}

export const SIMULATED_MODELS: ReadonlyMap<string, SimulatedModel> = new Map([
  [
    'sim-small',
    {
      contextTokens: 16_000,
      firstTokenMs: [80, 160],
      tokensPerSecond: [80, 120],
      sentences: [1, 3],
      thoughts: [0, 0],
    },
  ],
  [
    'sim-large',
    {
      contextTokens: 128_000,
      firstTokenMs: [200, 400],
      tokensPerSecond: [40, 70],
      sentences: [3, 6],
      thoughts: [0, 0],
    },
  ],
  [
    'sim-thinking',
    {
      contextTokens: 128_000,
      firstTokenMs: [150, 300],
      tokensPerSecond: [60, 110],
      sentences: [2, 4],
      thoughts: [2, 6],
    },
  ],
])
