// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import type { AdmittedContainer, FakeKubelet } from '@kube-device-plugins/testkit';
import type { Board } from './board.ts';
import { StartError } from './start-error.ts';
import type { DeviceRow } from './table.ts';

/** A pod that has its device. */
export interface DemoPod {
  readonly name: string;
  readonly resource: string;
  readonly ids: readonly string[];
  readonly container: AdmittedContainer;
}

/** Pods with one container that wants one device. */
export class DemoPods {
  readonly #kubelet: FakeKubelet;
  readonly #board: Board;
  readonly #preference: readonly string[];
  readonly #names: string[] = [];
  #created = 0;

  /** `preference`: resources, those first from which to take first; all others come behind them, in the order of the table. */
  constructor(kubelet: FakeKubelet, board: Board, preference: readonly string[]) {
    this.#kubelet = kubelet;
    this.#board = board;
    this.#preference = preference;
  }

  /**
   * Undefined when all devices are taken or unhealthy.
   *
   * @throws StartError when the kubelet refuses the pod.
   */
  async create(): Promise<DemoPod | undefined> {
    const { rows } = this.#board;
    const resource = freeResource(rows, [...this.#preference, ...rows.map((row) => row.resource)]);
    if (resource === undefined) return undefined;
    this.#created += 1;
    const name = `demo-${this.#created}`;
    try {
      const pod = { pod: name, containers: [{ name: 'main', limits: { [resource]: 1 } }] } as const;
      const { containers } = await this.#kubelet.admit(pod);
      this.#names.push(name);
      return { name, resource, ids: containers.main.deviceIds[resource] ?? [], container: containers.main };
    } catch (error) {
      throw new StartError(`the kubelet refused pod ${name}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** False when there is none. */
  deleteLast(): boolean {
    const name = this.#names.pop();
    if (name !== undefined) this.#kubelet.deletePod(name);
    return name !== undefined;
  }
}

/** The first of these resources with a healthy device that nobody has. */
export function freeResource(rows: readonly DeviceRow[], preference: readonly string[]): string | undefined {
  const isFree = (row: DeviceRow): boolean => row.health === 'Healthy' && row.allocatedTo === undefined;
  const free = new Set(rows.filter(isFree).map(({ resource }) => resource));
  return preference.find((resource) => free.has(resource));
}
