// SPDX-License-Identifier: Apache-2.0

/** Where the health of cards comes from, and what makes it good or bad. */
export interface HealthOptions {
  readonly source: 'none' | 'level-zero' | 'xpumd' | 'sysfs';
  /** Unix socket of level-zero or xpumd; empty for the others. */
  readonly socket: string;
  readonly limits: TemperatureLimits;
  /** This many bad readings in a row make a card unhealthy; at least 1. */
  readonly badReadings: number;
  /** This many good readings in a row make it healthy again; at least 1. */
  readonly goodReadings: number;
  /** What becomes of the health of cards while the source does not answer. */
  readonly away: 'keep' | 'unhealthy';
}

/** Temperatures in °C; a card is bad above them. */
export interface TemperatureLimits {
  readonly globalCelsius: number;
  readonly gpuCelsius: number;
  readonly memoryCelsius: number;
}
