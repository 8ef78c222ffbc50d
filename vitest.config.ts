import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['server/**/*.test.ts', 'dashboard/src/**/*.test.ts', 'bench/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 30_000,
    globalSetup: 'scripts/engines/setup.ts',
  },
})
