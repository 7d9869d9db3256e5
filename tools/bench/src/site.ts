// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { HostFixture, type FixtureTree } from '@kube-device-plugins/testkit';
import type { Site } from './variant.ts';

/** Names of the device nodes that a site begins with. */
const nodeNames = ['kdp0', 'kdp1', 'kdp2', 'kdp3'];

/** What the plugins of a site list. */
export interface SiteOptions {
  /** A whole multiple of the count of device nodes. */
  readonly devices: number;
  /** Simulated resources with so many devices each, instead of one; `group` is part of their names. */
  readonly resources?: { readonly count: number; readonly group: number };
}

/** Makes a place of its own for each measured process, all in one temporary directory. */
export class SiteMaker implements AsyncDisposable {
  readonly #root: string;
  readonly #canMakeNodes: boolean;
  #count = 0;

  private constructor(root: string, canMakeNodes: boolean) {
    this.#root = root;
    this.#canMakeNodes = canMakeNodes;
  }

  static async create(): Promise<SiteMaker> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
    return new SiteMaker(root, await makeNodes(root));
  }

  /** Whether there are device nodes; without them the devices are simulated. */
  get hasNodes(): boolean {
    return this.#canMakeNodes;
  }

  async create({ devices, resources }: SiteOptions): Promise<Site> {
    const host = join(this.#nextRoot(), 'host');
    await mkdir(join(host, 'dev'), { recursive: true });
    if (this.#canMakeNodes) await this.#addHardware(host);
    const site = await siteOn(host, dirname(host), devices / nodeNames.length);
    const areNodes = this.#canMakeNodes && devices === nodeNames.length && resources === undefined;
    const names = resources === undefined ? ['simulated'] : namesOf(resources);
    await writeFile(site.config, areNodes ? nodesConfig : simulationConfig(names, devices));
    return site;
  }

  /** A host with this tree, on which any number of processes may be. */
  async createHost(tree: FixtureTree): Promise<HostFixture> {
    const host = new HostFixture(this.#nextRoot());
    await mkdir(host.root);
    await host.add(tree);
    return host;
  }

  /** A place on a host that is there already. */
  async createOn(host: HostFixture): Promise<Site> {
    const root = this.#nextRoot();
    await mkdir(root);
    return await siteOn(host.root, root, 1);
  }

  #nextRoot(): string {
    this.#count += 1;
    return join(this.#root, String(this.#count));
  }

  /** The path of a device node within a site, and the same node outside it: link(2) there and unlink(2) plug and unplug it. */
  nodeOf(site: Site, name: string): { readonly path: string; readonly spare: string } {
    return { path: join(site.host, 'dev', name), spare: join(this.#root, name) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Each node with a PCI device of its own on NUMA node 0. */
  async #addHardware(host: string): Promise<void> {
    const numbers = join(host, 'sys/dev/char');
    await mkdir(numbers, { recursive: true });
    for (const [index, name] of nodeNames.entries()) {
      await link(join(this.#root, name), join(host, 'dev', name));
      const pci = `devices/pci0000:00/0000:00:0${index + 1}.0`;
      await mkdir(join(host, 'sys', pci), { recursive: true });
      await writeFile(join(host, 'sys', pci, 'numa_node'), '0\n');
      await writeFile(join(host, 'sys', pci, 'local_cpulist'), '0-1\n');
      await symlink(`../../${pci}`, join(numbers, `${major}:${index}`));
    }
  }
}

async function siteOn(host: string, root: string, copies: number): Promise<Site> {
  return {
    plugins: join(root, 'p'),
    host,
    cdi: join(root, 'cdi'),
    config: join(root, 'config.yaml'),
    metricsPort: await freePort(),
    copies,
  };
}

/** Character devices with a number for local use: nobody opens them. Source: Linux, Documentation/admin-guide/devices.txt. */
const major = 240;

/** False where this user may not make any. */
async function makeNodes(directory: string): Promise<boolean> {
  try {
    for (const [index, name] of nodeNames.entries()) {
      await promisify(execFile)('mknod', [join(directory, name), 'c', String(major), String(index)]);
    }
    return true;
  } catch {
    return false;
  }
}

const nodesConfig = `resources:
  - name: bench.example.com/node
    devices:
      - path: /dev/kdp*
`;

function namesOf({ count, group }: NonNullable<SiteOptions['resources']>): string[] {
  return Array.from({ length: count }, (_, index) => `simulated-${group}-${index}`);
}

function simulationConfig(names: readonly string[], devices: number): string {
  const resources = names.map(
    (name, index) => `  - resourceName: bench.example.com/${name}
    numberDevicesOnNode: ${devices}
    envPrefix: BENCH${index === 0 ? '' : index}
    script:
      - signal: 1
        fail: [0]
`,
  );
  return `simulated:\n${resources.join('')}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
