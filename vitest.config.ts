import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Files at a time, and so stacks: the tests of one file run one after the other. More than two cores, for an end-to-end test often waits. */
const maxWorkers = 3;
/** Unit tests that put something else in the place of a module; other tests of the same process may have loaded it already. */
const replacingModules = [
  'src/run/file-lock.test.ts',
  'src/run/undo.test.ts',
  'src/run/watchdog/renew.test.ts',
  'src/run/watchdog/rescue.test.ts',
];
const unit = { testTimeout: 60_000, maxWorkers };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...unit,
          name: 'unit',
          include: ['src/**/*.test.ts', 'setup/**/*.test.mjs', 'scenarios/**/*.test.ts'],
          exclude: replacingModules,
          // A process for each file would take more time than all tests.
          isolate: false,
        },
      },
      { test: { ...unit, name: 'unit-isolated', include: replacingModules } },
      {
        test: {
          name: 'end-to-end',
          include: ['test/**/*.test.ts'],
          maxWorkers,
          globalSetup: ['test/support/left-behind.ts'],
          setupFiles: ['test/support/own-folder.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
