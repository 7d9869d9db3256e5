// SPDX-License-Identifier: Apache-2.0
import { messageOf, parseGoDuration } from '@kube-device-plugins/core';
import { InvalidArgumentError, Option } from 'commander';

/** `--timeout 10s`, in milliseconds, of commands that have a plugin scan. */
export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'how long a plugin may take')
    .argParser(parseTimeout)
    .default(10_000, '10s');
}

function parseTimeout(text: string): number {
  const timeoutMs = durationOf(text);
  if (timeoutMs > 0 && timeoutMs <= maxTimeoutMs) return timeoutMs;
  throw new InvalidArgumentError('It must be above 0 and at most 1h.');
}

function durationOf(text: string): number {
  try {
    return parseGoDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

const maxTimeoutMs = 60 * 60 * 1_000;
