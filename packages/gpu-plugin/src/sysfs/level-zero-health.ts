// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { isSettled, requestRescan } from '@kube-device-plugins/core';
import type { TemperatureLimits } from '../options/health-options.ts';
import type { GpuCard } from './gpu-card.ts';
import type { Error as InBandError } from './health-api/levelzero.ts';
import type { HealthReading, HealthReadings, HealthSource } from './health-source.ts';
import { brokenParts, temperatureReading } from './level-zero-reading.ts';
import { LevelZeroClient } from './level-zero.ts';
import { TroubleLog } from './trouble-log.ts';

/**
 * Health as the Level-Zero sidecar tells it, asked in each scan: one call for each card, and a second one about its temperatures when nothing is broken.
 *
 * A scan waits 250 ms for the answers. A card whose answer takes longer is unknown in this scan; the answer is told in the next one, which comes
 * at once when it is another than the last. A call that fails is a reading `away` of its card.
 */
export class LevelZeroHealth implements HealthSource {
  readonly #socket: string;
  readonly #limits: TemperatureLimits;
  readonly #patienceMs: number;
  readonly #troubles = new TroubleLog();
  #client: LevelZeroClient | undefined;
  /** By PCI address: what is asked and not answered yet, or answered and not told yet. */
  #questions: ReadonlyMap<string, Question> = new Map();
  /** By PCI address: the answer that was told last. */
  #last: ReadonlyMap<string, Answer> = new Map();

  /** @param patienceMs - how long a scan waits for answers. */
  constructor(socket: string, limits: TemperatureLimits, patienceMs = defaultPatienceMs) {
    this.#socket = socket;
    this.#limits = limits;
    this.#patienceMs = patienceMs;
  }

  async read(cards: readonly GpuCard[], signal: AbortSignal): Promise<HealthReadings> {
    const addresses = cards.flatMap(({ bdf }) => bdf ?? []);
    const questions = new Map(addresses.map((bdf) => [bdf, this.#questions.get(bdf) ?? this.#ask(bdf, signal)]));
    await isSettled(Promise.all([...questions.values()].map(({ answered }) => answered)), this.#patienceMs);
    const told = new Map([...questions].map(([bdf, question]) => [bdf, question.tell()]));
    this.#questions = new Map([...questions].filter(([bdf]) => told.get(bdf) === undefined));
    this.#last = new Map(
      addresses.flatMap((bdf) => {
        const answer = told.get(bdf) ?? this.#last.get(bdf);
        return answer === undefined ? [] : [[bdf, answer]];
      }),
    );
    if (!signal.aborted) this.#logAway();
    const readingOf = (bdf: string): HealthReading => told.get(bdf)?.reading ?? this.#withoutAnswer(bdf);
    return new Map(cards.flatMap(({ name, bdf }) => (bdf === undefined ? [] : [[name, readingOf(bdf)]])));
  }

  #ask(bdf: string, signal: AbortSignal): Question {
    const isNews = (reading: HealthReading): boolean => !isDeepStrictEqual(reading, this.#last.get(bdf)?.reading);
    return new Question(this.#answer(this.#openClient(signal), bdf, signal), isNews);
  }

  /** One connection until `signal` aborts. */
  #openClient(signal: AbortSignal): LevelZeroClient {
    if (this.#client !== undefined) return this.#client;
    const client = new LevelZeroClient(this.#socket);
    signal.addEventListener('abort', () => client.close(), { once: true });
    this.#client = client;
    return client;
  }

  async #answer(client: LevelZeroClient, bdf: string, signal: AbortSignal): Promise<Answer> {
    try {
      const health = await client.health(bdf, signal);
      this.#logInBand(bdf, 'health', health.error);
      const reason = brokenParts(health);
      if (reason !== undefined) return { reading: { state: 'bad', reason } };
      const temperature = await client.temperature(bdf, signal);
      this.#logInBand(bdf, 'temperature', temperature.error);
      return { reading: temperatureReading(temperature, this.#limits) };
    } catch (error) {
      return { reading: away, error };
    }
  }

  /** A sidecar that is away is so until it answers; else a late answer tells nothing. */
  #withoutAnswer(bdf: string): HealthReading {
    return this.#last.get(bdf)?.reading.state === 'away' ? away : unknown;
  }

  /** No answer about any card: the sidecar is away. No answer about some is a trouble of these. */
  #logAway(): void {
    const socket = { socket: this.#socket };
    const answers = [...this.#last].map(([bdf, { reading, error }]) => ({
      bdf,
      error,
      isAway: reading.state === 'away',
    }));
    if (answers.length > 0 && answers.every(({ isAway }) => isAway)) {
      this.#troubles.begins(sourceAway, socket, { error: answers[0]?.error });
      return;
    }
    if (answers.length > 0) this.#troubles.ends(sourceAway, socket, 'health source is back');
    for (const { bdf, error, isAway } of answers) {
      if (isAway) this.#troubles.begins(cardAway, { bdf }, { error });
      else this.#troubles.ends(cardAway, { bdf }, 'health of the card can be read again');
    }
  }

  #logInBand(bdf: string, subject: string, error: InBandError | undefined): void {
    const about = { bdf, subject };
    if (error === undefined || error.errorcode === 0) this.#troubles.ends(inBand, about, 'no error any more');
    else this.#troubles.begins(inBand, about, { description: error.description, errorcode: error.errorcode });
  }
}

interface Answer {
  readonly reading: HealthReading;
  /** Why the reading is `away`. */
  readonly error?: unknown;
}

/** A question to the sidecar and, once it is there, the answer. */
class Question {
  readonly answered: Promise<void>;
  #answer: Answer | undefined;
  #isLate = false;

  constructor(answer: Promise<Answer>, isNews: (reading: HealthReading) => boolean) {
    this.answered = answer.then((known) => {
      this.#answer = known;
      if (this.#isLate && isNews(known.reading)) requestRescan();
    });
  }

  /** The answer, or undefined: then it is late. */
  tell(): Answer | undefined {
    this.#isLate = this.#answer === undefined;
    return this.#answer;
  }
}

/** Long for a few numbers over a unix socket, and short for a card that waits in the same scan to be listed. */
const defaultPatienceMs = 250;

const unknown: HealthReading = { state: 'unknown' };
const away: HealthReading = { state: 'away', reason: 'the Level-Zero sidecar does not answer' };
const sourceAway = 'health source is away';
const cardAway = 'health of a card cannot be read';
const inBand = 'the Level-Zero sidecar reports an error';
