// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { type Defect, defects } from './defects.ts';

/** The command line. */
export class PluginOptions {
  readonly dir: string;
  readonly inventory: string;
  readonly resources: readonly string[];
  readonly cdi: string | undefined;
  /** Socket of podresources, to ask for devices in use. */
  readonly podresources: string | undefined;
  /** Directory of the plugin watcher, which takes the place of Register. */
  readonly registry: string | undefined;
  /** Of metrics and readiness; 0 for none. */
  readonly port: number;
  readonly prefers: boolean;
  readonly prepares: boolean;
  readonly #defect: string | undefined;

  constructor(args: readonly string[]) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string', default: '/var/lib/kubelet/device-plugins' },
        inventory: { type: 'string', default: 'inventory.json' },
        resource: { type: 'string', multiple: true, default: [] },
        cdi: { type: 'string' },
        podresources: { type: 'string' },
        registry: { type: 'string' },
        port: { type: 'string', default: '0' },
        prefers: { type: 'boolean', default: false },
        prepares: { type: 'boolean', default: false },
        defect: { type: 'string' },
      },
    });
    if (values.resource.length === 0) throw new Error('--resource is missing');
    if (values.defect !== undefined && !(values.defect in defects)) throw new Error(`no such defect: ${values.defect}`);
    const odd = values.resource.find((name) => !/^[\w.-]+\/[a-z0-9]+$/.test(name));
    if (odd !== undefined && values.defect !== 'ST-18-any') throw new Error(`${odd} is no name of a resource`);
    this.dir = values.dir;
    this.inventory = values.inventory;
    this.resources = values.resource;
    this.cdi = values.cdi;
    this.podresources = values.podresources;
    this.registry = values.registry;
    this.port = Number(values.port);
    this.prefers = values.prefers;
    this.prepares = values.prepares;
    this.#defect = values.defect;
  }

  has(defect: Defect): boolean {
    return this.#defect === defect;
  }
}
