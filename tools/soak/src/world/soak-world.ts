// SPDX-License-Identifier: Apache-2.0
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeKubelet, hostFixture, type HostFixture, makeTemporaryDirectory } from '@kube-device-plugins/testkit';
import type { Moment } from '../invariants/invariant.ts';
import type { PluginPlaces, Subject } from '../subjects/subject.ts';
import { Truth } from '../subjects/truth.ts';
import { type CdiDisk, openCdiDisk } from './cdi-disk.ts';
import { Lanes } from './lanes.ts';
import { PluginKeeper } from './plugin-keeper.ts';
import { PodKeeper } from './pod-keeper.ts';

/** What a {@link SoakWorld} is made for. */
export interface WorldSettings {
  readonly subject: Subject;
  /** Node's flags and the program, without its own flags. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly tell: (moment: Moment) => void;
  /** Since the run began, in milliseconds. */
  readonly nowMs: () => number;
}

/** A node for one plugin: kubelet, host, disk, pods. Everything is in one directory. */
export class SoakWorld implements AsyncDisposable {
  readonly directory: string;
  readonly places: PluginPlaces;
  readonly kubelet: FakeKubelet;
  readonly host: HostFixture;
  readonly disk: CdiDisk;
  readonly pods: PodKeeper;
  readonly plugin: PluginKeeper;
  readonly truth: Truth;
  readonly lanes = new Lanes();
  /** The end of what the plugin wrote. */
  readonly lastLines: string[] = [];
  readonly #log: WriteStream;
  readonly #stopListening: () => void;
  #isKept = false;

  private constructor(directory: string, host: HostFixture, disk: CdiDisk, settings: WorldSettings) {
    const { subject, program, env, seed, tell, nowMs } = settings;
    this.directory = directory;
    this.host = host;
    this.disk = disk;
    this.places = placesIn(directory, host.root);
    this.truth = new Truth(subject.slots);
    this.kubelet = new FakeKubelet({ dir: this.places.plugins, seed });
    this.pods = new PodKeeper(this.kubelet, tell);
    this.#log = createWriteStream(join(directory, 'plugin.log'));
    const command = [`--import=${probe}`, ...program, ...subject.flags(this.places)];
    const start = { command, env, cwd: directory, socketDirectory: this.places.plugins };
    this.plugin = new PluginKeeper(
      start,
      (line) => {
        this.#keep(line);
        tell({ type: 'logged', line, atMs: nowMs() });
      },
      tell,
    );
    this.#stopListening = this.kubelet.subscribe((event) => {
      if (event.type !== 'allocated') return;
      const { resource, ids } = event;
      for (const id of ids) {
        const badForMs = this.truth.badForMs(resource, id, nowMs());
        tell({ type: 'allocated', device: `${resource} ${id}`, badForMs });
      }
    });
  }

  /** Makes the world; nothing of it runs yet. */
  static async create(settings: WorldSettings): Promise<SoakWorld> {
    const directory = makeTemporaryDirectory('kdp-soak-');
    const places = placesIn(directory, '');
    await mkdir(places.files);
    for (const [name, text] of Object.entries(settings.subject.files)) await writeFile(join(places.files, name), text);
    const disk = await openCdiDisk(places.cdi);
    return new SoakWorld(directory, await hostFixture(settings.subject.tree), disk, settings);
  }

  /** Ends everything; the directory with the plugin's log goes as well unless {@link SoakWorld.keep} was called. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopListening();
    if (this.plugin.life > 0) await this.plugin.end('SIGKILL');
    await this.kubelet.stop('crash');
    await this.host.dispose();
    await this.disk[Symbol.asyncDispose]();
    await new Promise<void>((resolve) => this.#log.end(resolve));
    if (!this.#isKept) await rm(this.directory, { recursive: true, force: true });
  }

  /** Leaves the directory with the plugin's log behind, and says where. */
  keep(say: (text: string) => void): void {
    this.#isKept = true;
    say(`keeping ${this.directory}`);
  }

  #keep(line: string): void {
    this.#log.write(`${line}\n`);
    if (this.lastLines.push(line) > keptLines) this.lastLines.shift();
  }
}

const keptLines = 25;

/** Names are short, for paths of sockets may have 107 bytes. */
function placesIn(directory: string, host: string): PluginPlaces {
  return { plugins: join(directory, 'p'), cdi: join(directory, 'cdi'), files: join(directory, 'files'), host };
}

const probe = join(import.meta.dirname, 'probe.mjs');
