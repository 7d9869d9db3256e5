// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { launch, type Browser } from 'puppeteer-core';

const chromium = findChromium();

/** Whether there is a browser; where there is none, whoever asks has to skip. */
export const hasBrowser = chromium !== undefined;

/** Says so loudly where there is none. */
export function warnWithoutBrowser(what: string): void {
  if (!hasBrowser) console.warn(`SKIPPED: ${what}: there is no chromium in PATH: apt-get install chromium`);
}

/** Starts a headless browser that asks no other host for anything. */
export async function startBrowser(): Promise<Browser> {
  // As root it refuses to start with a sandbox, which other users need not go without.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return await launch({
    executablePath: chromium ?? 'chromium',
    pipe: true,
    args: [...asRoot, '--disable-gpu', '--disable-dev-shm-usage', '--disable-component-update', '--no-first-run'],
  });
}

function findChromium(): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter);
  return ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => places.map((place) => join(place, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
