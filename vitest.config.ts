import { defineConfig } from 'vitest/config'

// Two tiers (CONTRIBUTING.md): pure tests beside the code, the whole house in integration-tests/ and
// whatever opens files, ports or processes (*.io.test.ts, beside the code that it exercises).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', '**/*.io.test.ts', 'integration-tests/**/*.house.test.ts'],
          testTimeout: 5_000,
        },
      },
      {
        test: {
          name: 'house',
          include: ['**/*.io.test.ts', 'integration-tests/**/*.house.test.ts'],
          exclude: ['node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
})
