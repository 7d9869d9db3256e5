// SPDX-License-Identifier: Apache-2.0
import { type handleUnaryCall, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { DeviceId, DeviceIndices, Error as InBandError } from './api/levelzero.ts';
import { LevelzeroService } from './api/levelzero.ts';
import { RestartableServer } from './restartable-server.ts';

/** What a {@link FakeLevelZero} says of one card. */
export interface FakeLevelZeroCard {
  readonly memoryOk: boolean;
  readonly busOk: boolean;
  readonly socOk: boolean;
  readonly globalCelsius: number;
  readonly gpuCelsius: number;
  readonly memoryCelsius: number;
  readonly memoryBytes: number;
}

/** The methods of the sidecar, as its API spells them. */
export type LevelZeroMethod = 'GetDeviceHealth' | 'GetDeviceTemperature' | 'GetIntelIndices' | 'GetDeviceMemoryAmount';

/** `error`: it answers with an error in its message; `fail`: with a gRPC status; `hang`: not at all. */
export type LevelZeroBehaviour = 'answer' | 'error' | 'fail' | 'hang';

/** The Level-Zero sidecar of the GPU plugin on a real socket; a card of which nothing was said is healthy, cool and has 1000 bytes. */
export class FakeLevelZero implements AsyncDisposable {
  /** Indices of Intel's cards in WSL. */
  indices: readonly number[] = [0];
  /** Milliseconds before each answer. */
  delayMs = 0;
  /** Each call, with the address of the card that it is about. */
  readonly calls: { readonly method: LevelZeroMethod; readonly bdf: string }[] = [];
  readonly #cards = new Map<string, Partial<FakeLevelZeroCard>>();
  readonly #behaviours = new Map<string, LevelZeroBehaviour>();
  readonly #server: RestartableServer;

  private constructor(socketPath: string) {
    this.#server = new RestartableServer(socketPath, LevelzeroService, this.#handlers());
  }

  static async start(socketPath: string): Promise<FakeLevelZero> {
    const fake = new FakeLevelZero(socketPath);
    await fake.start();
    return fake;
  }

  setCard(bdf: string, card: Partial<FakeLevelZeroCard>): void {
    this.#cards.set(bdf, card);
  }

  /** From now on, for all methods or one, of all cards or one. */
  behave(behaviour: LevelZeroBehaviour, method: LevelZeroMethod | 'all' = 'all', bdf = ''): void {
    if (method === 'all') for (const each of methods) this.#behaviours.set(`${each}${bdf}`, behaviour);
    else this.#behaviours.set(`${method}${bdf}`, behaviour);
  }

  /** Comes back after {@link stop}. */
  async start(): Promise<void> {
    await this.#server.start();
  }

  /** Goes away as a process that dies, with its socket. */
  stop(): void {
    this.#server.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    return Promise.resolve();
  }

  #handlers(): UntypedServiceImplementation {
    return {
      getDeviceHealth: this.#answer('GetDeviceHealth', ({ memoryOk, busOk, socOk }) => ({ memoryOk, busOk, socOk })),
      getDeviceTemperature: this.#answer('GetDeviceTemperature', (card) => ({
        global: card.globalCelsius,
        gpu: card.gpuCelsius,
        memory: card.memoryCelsius,
      })),
      getDeviceMemoryAmount: this.#answer('GetDeviceMemoryAmount', ({ memoryBytes }) => ({ memorySize: memoryBytes })),
      getIntelIndices: this.#answer('GetIntelIndices', (_card, error): Pick<DeviceIndices, 'indices'> => ({
        indices: error === undefined ? [...this.indices] : [],
      })),
    };
  }

  #answer<Data extends object>(
    method: LevelZeroMethod,
    data: (card: FakeLevelZeroCard, error: InBandError | undefined) => Data,
  ): handleUnaryCall<Partial<DeviceId>, Data & { error: InBandError | undefined }> {
    return ({ request: { bdfAddress: bdf = '' } }, callback) => {
      this.calls.push({ method, bdf });
      const behaviour = this.#behaviours.get(`${method}${bdf}`) ?? this.#behaviours.get(method) ?? 'answer';
      if (behaviour === 'hang') return;
      if (behaviour === 'fail') {
        callback({ code: status.INTERNAL, details: 'the fake was told to fail' });
        return;
      }
      const error =
        behaviour === 'error' ? { description: 'device lost (0x70000001)', errorcode: 0x70000001 } : undefined;
      setTimeout(() => {
        callback(null, { ...data({ ...wellCard, ...this.#cards.get(bdf) }, error), error });
      }, this.delayMs);
    };
  }
}

const methods = ['GetDeviceHealth', 'GetDeviceTemperature', 'GetIntelIndices', 'GetDeviceMemoryAmount'] as const;

const wellCard: FakeLevelZeroCard = {
  memoryOk: true,
  busOk: true,
  socOk: true,
  globalCelsius: 40,
  gpuCelsius: 40,
  memoryCelsius: 40,
  memoryBytes: 1000,
};
