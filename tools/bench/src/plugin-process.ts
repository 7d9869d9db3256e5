// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RestartKind } from '@kube-device-plugins/testkit';
import { cleanEnvironment } from './clean-environment.ts';
import type { MeterProcess } from './meter-process.ts';
import type { AllocateFigures } from './meter/allocate-load.ts';
import { clockMs } from './meter/clock.ts';
import type { Awaited } from './meter/event-log.ts';
import type { ResourceFigures } from './meter/listed-resources.ts';
import type { StreamFigures } from './meter/stream-set.ts';
import type { Site, Variant } from './variant.ts';

/** How long anything that is waited for may take; slow peers look for devices every 5 s. */
const patienceMs = 15_000;

/** A measured plugin, and a kubelet of its own in the meter. */
export class PluginProcess implements AsyncDisposable {
  readonly site: Site;
  readonly pid: number;
  /** {@link clockMs} right before the process was made. */
  readonly spawnedAtMs: number;
  readonly #child: ChildProcess;
  readonly #meter: MeterProcess;
  readonly #ended: Promise<never>;

  private constructor(variant: Variant, site: Site, meter: MeterProcess, signal: AbortSignal) {
    this.site = site;
    this.#meter = meter;
    const [file = '', ...args] = variant.command(site);
    const output = openSync(logOf(site), 'w');
    this.spawnedAtMs = clockMs();
    this.#child = spawn(file, args, {
      cwd: dirname(site.config),
      env: { ...cleanEnvironment(process.env), ...variant.env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    // Whoever waits for something is told by the end of the process.
    signal.addEventListener('abort', () => this.#child.kill('SIGKILL'), { once: true });
    this.pid = this.#child.pid ?? 0;
    this.#ended = once(this.#child, 'exit').then(async ([code, signal]) => {
      const log = await readFile(logOf(site), 'utf8').catch(() => '');
      throw new Error(`${variant.name} ended (${String(code ?? signal)})\n${log.slice(-1500)}`);
    });
    this.#ended.catch(() => undefined);
  }

  /** @param open - which kubelet it is to have, or that another process has opened it. */
  static async start(
    variant: Variant,
    site: Site,
    meter: MeterProcess,
    signal: AbortSignal,
    open: 'open' | 'openRestarting' | 'opened' = 'open',
  ): Promise<PluginProcess> {
    signal.throwIfAborted();
    if (open !== 'opened') await meter.call(open, site.plugins);
    return new PluginProcess(variant, site, meter, signal);
  }

  /** The moment of the first such event. */
  async first(awaited: Awaited): Promise<number> {
    return await Promise.race([this.#meter.call('first', this.site.plugins, awaited, patienceMs), this.#ended]);
  }

  /** The moment at which it had listed so many devices. */
  async listed(minTotal: number): Promise<number> {
    return await this.first({ kind: 'list', sinceMs: this.spawnedAtMs, minTotal });
  }

  async relist(): Promise<number> {
    return await this.#meter.call('relist', this.site.plugins);
  }

  async allocate(calls: number, inFlight: number): Promise<AllocateFigures> {
    return await this.#meter.call('allocate', this.site.plugins, calls, inFlight);
  }

  async openStreams(count: number, healthy: number): Promise<StreamFigures> {
    return await Promise.race([
      this.#meter.call('openStreams', this.site.plugins, count, healthy, patienceMs),
      this.#ended,
    ]);
  }

  async toldStreams(healthy: number, sinceMs: number): Promise<StreamFigures> {
    return await Promise.race([
      this.#meter.call('toldStreams', this.site.plugins, healthy, sinceMs, patienceMs),
      this.#ended,
    ]);
  }

  /** Of all processes in its directory. */
  async listedResources(count: number): Promise<ResourceFigures> {
    return await Promise.race([
      this.#meter.call('listedResources', this.site.plugins, count, 4 * patienceMs),
      this.#ended,
    ]);
  }

  /** Of one that was started with a kubelet that restarts. */
  async restartKubelet(kind: RestartKind, awayMs: number): Promise<number> {
    return await this.#meter.call('restart', this.site.plugins, kind, awayMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.pid !== 0) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    await this.#meter.call('close', this.site.plugins);
  }
}

function logOf(site: Site): string {
  return join(dirname(site.config), 'log');
}
