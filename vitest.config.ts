import { defineConfig } from 'vitest/config'

const real = '**/*.real.test.ts'

/** Far above what a test of a house takes on a busy machine; one that takes longer says so itself. */
const patienceMs = 240_000

// Three tiers (CONTRIBUTING.md): pure tests beside the code; the whole house in integration-tests/, and
// whatever opens files, ports or processes (*.io.test.ts, beside the code that it exercises), on the
// embedded stores; and on a real Kafka and PostgreSQL the same houses, with *.real.test.ts beside the code.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [
            'node_modules/**',
            '**/*.io.test.ts',
            'integration-tests/**/*.house.test.ts',
            real,
          ],
          testTimeout: 5_000,
        },
      },
      {
        test: {
          name: 'house',
          include: ['**/*.io.test.ts', 'integration-tests/**/*.house.test.ts'],
          exclude: ['node_modules/**'],
          testTimeout: patienceMs,
          hookTimeout: patienceMs,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'real',
          include: [real, 'integration-tests/*.house.test.ts'],
          // One process, started by hand, is what these look at.
          exclude: ['node_modules/**', 'integration-tests/process-*.house.test.ts'],
          globalSetup: ['integration-tests/open-shared-stores.ts'],
          setupFiles: ['integration-tests/stand-on-shared-stores.ts'],
          testTimeout: patienceMs,
          hookTimeout: patienceMs,
          maxWorkers: 2,
        },
      },
    ],
  },
})
