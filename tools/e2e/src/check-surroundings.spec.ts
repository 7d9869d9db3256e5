// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkSurroundings } from './check-surroundings.ts';

const image = { name: 'x', newName: 'r/intel-gpu-plugin', newTag: '1' };
let place = '';

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kdp-'));
  vi.stubEnv('PATH', `${place}${delimiter}${process.env['PATH'] ?? ''}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(place, { recursive: true });
});

async function program(name: string, script: string): Promise<string> {
  await writeFile(join(place, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return join(place, name);
}

function check(engine: string | undefined, kubeconfig?: string): Promise<void> {
  const hasCluster = kubeconfig !== undefined;
  return checkSurroundings('gpu-plugin', { engine, image, hasCluster }, { KUBECONFIG: kubeconfig });
}

describe('checkSurroundings()', () => {
  it('needs nothing for the bundle and the fake kubelet', async () => {
    await program('kubectl', 'exit 1');
    await expect(check(undefined)).resolves.toBeUndefined();
  });

  it('takes an engine that has the image', async () => {
    const engine = await program('engine', '[ "$*" = "image inspect --format {{.Id}} r/intel-gpu-plugin:1" ]');
    await expect(check(engine)).resolves.toBeUndefined();
  });

  it('finds that there is no such engine, which the command line is wrong about', async () => {
    const error = { exitCode: 2, message: expect.stringMatching(/^no program no-such-engine \(ENOENT\)/) as string };
    await expect(check('no-such-engine')).rejects.toMatchObject(error);
  });

  it('says what makes an image that is missing, and what the engine said', async () => {
    const engine = await program('engine', 'echo first >&2; echo no such image >&2; exit 125');
    const message =
      /engine finds no image r\/intel-gpu-plugin:1: npm run image -- gpu-plugin makes it.*\(no such image\)$/;
    await expect(check(engine)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(message) as string,
    });
  });

  it('does not ask kubectl where no file of KUBECONFIG exists', async () => {
    await program('kubectl', 'exit 0');
    const files = ['/no-such', '/neither'].join(delimiter);
    const message = expect.stringContaining(`there is no file ${files}, which KUBECONFIG names`) as string;
    await expect(check(undefined, files)).rejects.toMatchObject({ exitCode: 1, message });
  });

  it('takes a cluster that answers', async () => {
    const file = await program('kubectl', '[ "$*" = "get --raw /version --request-timeout=10s" ]');
    await expect(check(undefined, ['/no-such', file].join(delimiter))).resolves.toBeUndefined();
  });

  it('says in one line that a cluster does not answer', async () => {
    const file = await program('kubectl', 'echo a trace >&2; echo connection refused >&2; exit 1');
    const message = expect.stringMatching(
      /^the cluster of KUBECONFIG does not answer: .* \(connection refused\)$/,
    ) as string;
    await expect(check(undefined, file)).rejects.toMatchObject({ exitCode: 1, message });
  });
});
