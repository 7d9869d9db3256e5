// SPDX-License-Identifier: Apache-2.0
import type { PodSpec } from './pod-spec.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A pod as the API server knows it: it outlives the kubelet. */
export interface PodRecord {
  readonly uid: string;
  readonly spec: PodSpec;
  /** Failed pods stay failed. */
  readonly isFailed: boolean;
}

/** The pods of the node, and their containers as the container runtime knows them. */
export class Pods {
  readonly #pods = new Map<string, PodRecord>();
  readonly #generations = new Map<string, number>();
  /** Container → how many instances of it there have been; the last one runs. */
  readonly #instances = new Map<string, number>();
  #atStart: ReadonlyMap<string, number> = new Map();

  /** By creation. */
  get all(): readonly PodRecord[] {
    return [...this.#pods.values()];
  }

  find(name: string): PodRecord | undefined {
    return this.#pods.get(name);
  }

  /** A pod that has failed or was deleted makes room for another one of its name, with a UID of its own. */
  admitted(spec: PodSpec): PodRecord {
    const known = this.#pods.get(spec.pod);
    const pod = { uid: known?.isFailed === false ? known.uid : this.#newUid(spec), spec, isFailed: false };
    this.#pods.set(spec.pod, pod);
    return pod;
  }

  failed(pod: PodRecord): void {
    this.#pods.set(pod.spec.pod, { ...pod, isFailed: true });
  }

  deleted(name: string): void {
    this.#pods.delete(name);
  }

  /** Those whose devices are not free. */
  activeUids(): ReadonlySet<string> {
    return new Set(this.all.filter(({ isFailed }) => !isFailed).map(({ uid }) => uid));
  }

  nameOf(uid: string): string | undefined {
    return this.all.find((pod) => pod.uid === uid && !pod.isFailed)?.spec.pod;
  }

  containerStarted(uid: string, container: string): void {
    const key = `${uid}/${container}`;
    this.#instances.set(key, (this.#instances.get(key) ?? 0) + 1);
  }

  /** A new kubelet asks the container runtime what runs. */
  kubeletStarted(): void {
    this.#atStart = new Map(this.#instances);
  }

  /**
   * Whether the container ran when the kubelet started. A kubelet that does not look at every instance of the container finds any of
   * them, of which only the last one runs.
   */
  ranAtStart(uid: string, container: string, findsAnyInstance: boolean, random: SeededRandom): boolean {
    const instances = this.#atStart.get(`${uid}/${container}`) ?? 0;
    return instances > 0 && (findsAnyInstance || Math.floor(random.next() * instances) === 0);
  }

  #newUid({ pod, uid }: PodSpec): string {
    const generation = (this.#generations.get(pod) ?? 0) + 1;
    this.#generations.set(pod, generation);
    return uid ?? (generation === 1 ? pod : `${pod}-${generation}`);
  }
}
