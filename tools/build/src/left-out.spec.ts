// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { leaveOut, requireServerHalf } from './left-out.ts';

const root = join(import.meta.dirname, '../../..');

async function bundle(source: string) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: source, resolveDir: join(root, 'packages/core/src') },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    metafile: true,
    write: false,
    plugins: [leaveOut],
  });
  return { metafile, code: outputFiles[0]?.text ?? '' };
}

describe('leaveOut', () => {
  it('leaves the server half of grpc-js without its client and protobufjs', async () => {
    const { metafile } = await bundle(`export * from '@grpc/grpc-js/build/src/server.js'`);
    const inputs = Object.keys(metafile.inputs);
    expect(
      inputs.filter((path) =>
        /protobufjs|proto-loader\/|grpc-js\/build\/src\/(client|channel|make-client)\.js/.test(path),
      ),
    ).toEqual([]);
    expect(inputs).toContain('node_modules/@grpc/grpc-js/build/src/server.js');
  });

  it('throws as soon as something of it is used', async () => {
    const { code } = await bundle(`export { createOrcaClient } from '@grpc/grpc-js/build/src/orca.js'`);
    const module = { exports: {} as { createOrcaClient: (channel: unknown) => unknown } };
    const load = compileFunction(code, ['module', 'exports', 'require']) as (...values: unknown[]) => void;
    load(module, module.exports, createRequire(import.meta.url));
    expect(() => module.exports.createOrcaClient({})).toThrow('is not in this bundle');
  });

  it('is not in the way of others who import a module of that name', async () => {
    const { metafile } = await bundle(`import '@grpc/proto-loader'`);
    expect(Object.keys(metafile.inputs)).toContain('node_modules/@grpc/proto-loader/build/src/index.js');
  });
});

describe('requireServerHalf()', () => {
  it('takes the server half', async () => {
    const { metafile } = await bundle(`export * from '@grpc/grpc-js/build/src/server.js'`);
    expect(() => {
      requireServerHalf(metafile);
    }).not.toThrow();
  });

  it('refuses the client half and names who imports it', async () => {
    const { metafile } = await bundle(`export { Client } from '@grpc/grpc-js'`);
    expect(() => {
      requireServerHalf(metafile);
    }).toThrow(/client half of grpc-js is in the bundle, through .*<stdin>/);
  });
});
