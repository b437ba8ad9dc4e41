import { defineConfig } from 'vitest/config';

const everywhere = ['**/node_modules/**', '**/dist/**', '**/.sluice/**'];

const temporaryFolder = 'test/harness/temporary-folder.ts';

/**
 * Three rings. `unit` is quick (pure code, temp folders, fake executors) and runs on every save;
 * `e2e` drives the real command line, real processes and the step programs, and has what takes
 * seconds for its size; `engine` drives a real container engine, which it starts for itself.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: [temporaryFolder],
          include: ['**/*.test.ts'],
          exclude: [
            ...everywhere,
            'test/e2e/**',
            'test/conformance/**',
            '**/*.e2e.test.ts',
            '**/*.engine.test.ts',
          ],
          testTimeout: 60_000,
          // Loading every module again for every file would take a third of the whole time; unit
          // tests share nothing that one of them could leave behind.
          isolate: false,
        },
      },
      {
        test: {
          name: 'e2e',
          globalSetup: [temporaryFolder],
          include: ['test/{e2e,conformance}/**/*.test.ts', '**/*.e2e.test.ts'],
          exclude: everywhere,
          // Far above what they take: a slow or busy machine is no failure.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'engine',
          include: ['**/*.engine.test.ts'],
          exclude: everywhere,
          globalSetup: [temporaryFolder, 'test/harness/engine.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
