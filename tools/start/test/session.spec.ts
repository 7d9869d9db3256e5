// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSession, type Session, type SessionSettings } from '../src/session.ts';
import { StartError } from '../src/start-error.ts';
import { untilListed } from '../src/until-listed.ts';
import { createWorld, isAlive, pluginFile, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  expect(await world.end(), 'left behind').toEqual([]);
});

const never = new AbortController().signal;

function settings(overrides: Partial<SessionSettings> = {}): SessionSettings {
  return {
    plugin: { name: 'simple-plugin', file: pluginFile },
    kinds: [],
    hostKubeletDirectory: undefined,
    wantsSlot: false,
    ...overrides,
  };
}

/** Resolves when the signal aborts, as a live table does. */
async function untilAborted(_: Session, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

describe('runSession()', () => {
  it('registers the plugin with an embedded kubelet, and ends both', async () => {
    const pid = await runSession(
      settings(),
      async (session, signal) => {
        await untilListed(session, 10_000, signal);
        expect(session.board.rows).toMatchObject([
          { resource: 'example.com/simple-device', health: 'Healthy', hostNodes: [] },
          { resource: 'example.com/simple-device', health: 'Healthy', hostNodes: [] },
        ]);
        expect(session.kubeletDirectory).toContain(world.directory);
        expect(isAlive(session.pluginPid)).toBe(true);
        return session.pluginPid;
      },
      never,
    );
    expect(isAlive(pid)).toBe(false);
  });

  it('publishes the devices of the host that it is given', async () => {
    const kinds = [{ resource: 'host.example.com/null', pattern: '/dev/nul[l]' }];
    await runSession(
      settings({ kinds }),
      async (session, signal) => {
        expect(session.resources).toEqual(['host.example.com/null', 'example.com/simple-device']);
        await untilListed(session, 10_000, signal);
        expect(session.board.rows.at(-1)).toMatchObject({
          resource: 'host.example.com/null',
          hostNodes: ['/dev/null'],
        });
      },
      never,
    );
  });

  it('ends both when what it runs for fails', async () => {
    let pid = 0;
    const failing = runSession(
      settings(),
      ({ pluginPid }) => {
        pid = pluginPid;
        return Promise.reject(new Error('no'));
      },
      never,
    );
    await expect(failing).rejects.toThrow('no');
    expect(isAlive(pid)).toBe(false);
  });

  it('ends both when it is told to', async () => {
    const stopping = new AbortController();
    let pid = 0;
    const running = runSession(
      settings(),
      async (session, signal) => {
        pid = session.pluginPid;
        await untilListed(session, 10_000, signal);
        stopping.abort();
        expect(signal.aborted).toBe(true);
      },
      stopping.signal,
    );
    await running;
    expect(isAlive(pid)).toBe(false);
  });

  it('tells why a plugin ended at once, and the last that it said', async () => {
    const file = await world.program('console.error("no such thing"); process.exitCode = 3;');
    await expect(runSession(settings({ plugin: { name: 'program', file } }), untilAborted, never)).rejects.toThrow(
      new StartError('the plugin ended with exit status 3; the last it said:\n  no such thing'),
    );
  });

  it('tells when a plugin ended without a word', async () => {
    const file = await world.program('setTimeout(() => process.kill(process.pid, "SIGKILL"), 50);');
    await expect(runSession(settings({ plugin: { name: 'program', file } }), untilAborted, never)).rejects.toThrow(
      'the plugin was ended by SIGKILL and said nothing',
    );
  });

  it('rejects whoever waits for a plugin that ends', async () => {
    const file = await world.program('');
    const waiting = runSession(
      settings({ plugin: { name: 'program', file } }),
      (session, signal) => untilListed(session, 60_000, signal),
      never,
    );
    await expect(waiting).rejects.toThrow('the plugin ended with exit status 0');
  });

  it('notes what the plugin warns of', async () => {
    const file = await world.program(
      'console.log(JSON.stringify({ level: 40, msg: "careful", path: "/x" })); setInterval(() => {}, 1000);',
    );
    await runSession(
      settings({ plugin: { name: 'program', file } }),
      async ({ board }) => {
        await expect.poll(() => board.events.map(({ text }) => text)).toContain('plugin: careful: path=/x');
      },
      never,
    );
  });
});
