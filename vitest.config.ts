// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const packages = projectsIn('packages');
const repository = { name: 'repository', root: 'test' };

export default defineConfig({
  test: {
    projects: [...packages, ...projectsIn('tools'), repository].map(({ name, root }) => ({
      extends: true,
      test: { name, root: join(import.meta.dirname, root), include: ['**/*.{spec,e2e}.ts'] },
    })),
    // A process for each file: sockets, signals and environment of one test are none of another's business.
    pool: 'forks',
    // Most tests wait for processes and sockets, so that two at a time take little more than one.
    maxWorkers: 2,
    // For what tests start: a plugin that runs from its sources takes a third of the processor time once Node has compiled it.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compile-tests') },
    setupFiles: process.env['FUZZ_RUNS'] === undefined ? [] : [join(import.meta.dirname, 'test/support/fuzz-runs.ts')],
    // Generous, because two cores may be shared with a build; finite, because a hang is a failure.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    expect: { poll: { timeout: 10_000, interval: 10 } },
    coverage: {
      provider: 'v8',
      reportsDirectory: 'coverage',
      reporter: ['text', 'json-summary'],
      // Relative to the folder of the project, or to this one when there are several.
      include: ['src/**/*.ts', 'packages/*/src/**/*.ts'],
      exclude: [
        '**/*.spec.ts',
        // The entries of processes of their own: tests start them as children, where this process cannot count lines.
        '**/src/main.ts',
        '**/src/main/*.ts',
        // Loaded into the process of a plugin.
        '**/src/conformance/shifted-clock.ts',
        // Generated.
        '**/src/kubelet-api/{deviceplugin,pluginregistration,podresources}.ts',
        '**/src/{gpu/api,sysfs/health-api}/*.ts',
      ],
      thresholds: Object.fromEntries(packages.map(({ root }) => [`${root}/src/**/*.ts`, { lines: 90, branches: 90 }])),
    },
  },
});

/** Every folder with a package.json is a project: there is no list to edit. */
function projectsIn(folder: string): { readonly name: string; readonly root: string }[] {
  return readdirSync(join(import.meta.dirname, folder))
    .filter((name) => existsSync(join(import.meta.dirname, folder, name, 'package.json')))
    .map((name) => ({ name, root: `${folder}/${name}` }));
}
