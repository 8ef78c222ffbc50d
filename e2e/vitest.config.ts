import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    globalSetup: '../scripts/engines/setup.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Each file starts servers of its own; two at a time is what two cores carry.
    maxWorkers: 2,
  },
})
