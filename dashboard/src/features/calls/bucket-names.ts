const NAMES: Record<string, string> = {
  inUncached: 'Input',
  inCacheRead: 'Input read from cache',
  inCacheWrite5m: 'Input written to cache (5 min)',
  inCacheWrite1h: 'Input written to cache (1 h)',
  inCacheWriteOther: 'Input written to cache',
  inAudio: 'Audio input',
  inImage: 'Image input',
  inToolPrompt: 'Tool prompt input',
  outText: 'Output',
  outReasoning: 'Reasoning output',
  outAudio: 'Audio output',
  outImage: 'Image output',
}

/** A token bucket or a kind of tool call, for people; a name that is not known here is shown as it is. */
export function bucketName(bucket: string): string {
  return NAMES[bucket] ?? bucket.replace(/^toolCalls\./, 'Tool calls: ')
}
