// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plain } from '@kube-device-plugins/terminal';
import { runLive } from '../src/run-live.ts';
import { runSession } from '../src/session.ts';
import { FakeInput, FakeOutput } from './fake-terminal.ts';
import { createWorld, pluginFile, type World } from './world.ts';

let world: World;
let input: FakeInput;
let output: FakeOutput;
let stopping: AbortController;

beforeEach(async () => {
  world = await createWorld();
  input = new FakeInput();
  output = new FakeOutput();
  stopping = new AbortController();
});

afterEach(async () => {
  expect(await world.end(), 'left behind').toEqual([]);
});

/** Runs the live table with two simulated devices; settles when it has ended. */
function live({ hasKeys = true, wantsSlot = false } = {}): Promise<void> {
  const plugin = { name: 'simple-plugin', file: pluginFile };
  const settings = { plugin, kinds: [], hostKubeletDirectory: undefined, wantsSlot };
  const terminal = { input: hasKeys ? input : undefined, output };
  return runSession(
    settings,
    (session, signal) => runLive(session, terminal, { paint: plain, notices: ['good to know'] }, signal),
    stopping.signal,
  );
}

async function shows(text: string | RegExp): Promise<void> {
  await expect.poll(() => output.text).toMatch(text);
}

describe('runLive()', () => {
  it('shows what runs where, the devices, the events and the keys', async () => {
    const ended = live();
    await shows(/^example.com\/simple-device +simple-device-\S*-1 +Healthy +- +- +-$/m);
    await shows(
      /^simple-plugin \(pid \d+\), up \d+ s, with the embedded kubelet in \S+\/device-plugins\ngood to know\n/,
    );
    await shows(/^\+\d\.\d s +example.com\/simple-device listed 2 devices$/m);
    await shows(/^a allocate .* q quit$/m);
    input.type('q');
    await ended;
  });

  it('allocates and frees by keys, one after the other however fast they come', async () => {
    const ended = live();
    await shows('listed 2 devices');
    input.type('aaad');
    await shows('no device is free');
    await shows('demo-2 deleted');
    await shows(/Healthy .* demo-1\/main$/m);
    expect(output.text).not.toMatch(/Healthy .* demo-2\/main$/m);
    input.type('dd');
    await shows('there is no demo pod to delete');
    input.type('q');
    await ended;
  });

  it('restarts the kubelet, whose pods keep their devices', async () => {
    const ended = live();
    await shows('listed 2 devices');
    input.type('ar');
    await shows(/kubelet stopped[^]*registered[^]*listed 2 devices/);
    await shows(/Healthy .* demo-1\/main$/m);
    input.type('q');
    await ended;
  });

  if (!existsSync('/dev/shm')) console.warn('SKIPPED: no device is plugged in: there is no /dev/shm');
  it.skipIf(!existsSync('/dev/shm'))('plugs in a device, and pulls it out', async () => {
    const ended = live({ wantsSlot: true });
    await shows('host.example.com/plug listed 0 devices');
    input.type('p');
    await shows(/^host.example.com\/plug .* Healthy .* \/dev\/null +-$/m);
    input.type('p');
    await shows(/host.example.com\/plug \S+ removed/);
    input.type('q');
    await ended;
  });

  it('follows the size of the terminal, and scrolls', async () => {
    const ended = live();
    await shows('listed 2 devices');
    output.resize(60, 10);
    await shows('… and 1 of 2 devices more');
    for (const line of output.text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    input.type('\x1b[B');
    await shows(/^exam\S+ +\S+-1 /m);
    input.type('\x1b[A');
    await shows(/^exam\S+ +\S+-0 /m);
    input.type('\x1b[6~');
    await shows(/^exam\S+ +\S+-1 /m);
    input.type('\x1b[5~');
    await shows(/^exam\S+ +\S+-0 /m);
    output.resize(120, 30);
    await shows('ALLOCATED TO');
    input.type('\x03');
    await ended;
  });

  it.each([
    ['a key', () => input.type('q')],
    ['the end of the input', () => input.emit('end')],
    ['the loss of the terminal', () => input.emit('error', new Error('read EIO'))],
    ['a signal', () => stopping.abort()],
  ])('gives the terminal back when %s ends it', async (_, end) => {
    const ended = live();
    await shows('listed 2 devices');
    expect(input.isRaw).toBe(true);
    end();
    await ended;
    expect(output.written.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
    expect(input).toMatchObject({ isRaw: false, isPaused: true });
    expect(output.listenerCount('resize')).toBe(0);
  });

  it('gives the terminal back when the plugin dies', async () => {
    const ended = live();
    await shows('listed 2 devices');
    process.kill(Number(/pid (\d+)/.exec(output.text)?.[1]), 'SIGKILL');
    await expect(ended).rejects.toThrow('the plugin was ended by SIGKILL');
    expect(output.written.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  });

  it('does without keys where there is nobody to press them', async () => {
    const ended = live({ hasKeys: false });
    await shows(/^Ctrl-C quit$/m);
    stopping.abort();
    await ended;
    expect(input.isRaw).toBe(false);
  });
});
