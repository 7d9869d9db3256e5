// SPDX-License-Identifier: Apache-2.0
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { cleanEnvironment } from './clean-environment.ts';
import type { MeterAnswer, MeterApi, MeterMethod, MeterRequest } from './meter/meter-api.ts';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The meter, in a process of its own. */
export class MeterProcess implements Disposable {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'meter/main.ts'), { env: cleanEnvironment(process.env) });
    this.#child.on('message', (answer: MeterAnswer) => {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if (answer.problem === undefined) pending?.resolve(answer.result);
      else pending?.reject(new Error(answer.problem));
    });
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`the meter ended: ${signal ?? code ?? ''}`));
    });
  }

  call<M extends MeterMethod>(method: M, ...args: Parameters<MeterApi[M]>): ReturnType<MeterApi[M]> {
    const id = this.#nextId;
    this.#nextId += 1;
    const result = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, method, args } satisfies MeterRequest<M>);
    });
    return result as ReturnType<MeterApi[M]>;
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
