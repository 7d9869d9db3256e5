// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { Browser, Page, SerializedAXNode } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DeviceInfo } from '../src/device-tree.ts';
import { serveHttp } from '../src/observe/http-server.ts';
import { telemetry, Telemetry } from '../src/observe/telemetry.ts';
import { busyTelemetry } from './busy-telemetry.ts';
import { device, devices } from './devices.ts';
import { red, Rig, TreePlugin } from './rig.ts';
import { hasBrowser, startBrowser, warnWithoutBrowser } from './support/browser.ts';
import { findPageFaults, focusedElement, measureImage, textOfPage, unfoldAll } from './support/measure-page.ts';
import { TempDir } from './temp-dir.ts';

warnWithoutBrowser('the status page in a browser');

type Scheme = 'light' | 'dark';
const views = [400, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme): [number, Scheme] => [width, scheme]),
);

describe.skipIf(!hasBrowser)('the status page in a browser', { timeout: 60_000 }, () => {
  const stop = new AbortController();
  let browser: Browser;
  let rig: Rig;
  let temp: TempDir;
  let served: Promise<void>;
  let address: string;

  beforeAll(async () => {
    browser = await startBrowser();
    temp = await TempDir.create();
    rig = await Rig.withKubelet({ podResourcesDir: temp.join('pod-resources') });
    rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    await rig.kubelet.admit({
      pod: 'trainer-0',
      namespace: 'ml',
      containers: [{ name: 'main', limits: { [red]: 1 } }],
    });
    const options = {
      address: { host: '127.0.0.1', port: 0 },
      scanPeriodMs: 3_600_000,
      podResourcesSocket: temp.join('pod-resources/kubelet.sock'),
      telemetries: [telemetry, busyTelemetry('gpu-plugin'), hostileTelemetry()],
      info: { plugin: 'all-plugins', version: '1.2.3' },
    };
    served = serveHttp(options, stop.signal);
    const hasBegun = (): void => expect(rig.log.with('serving metrics and health')).toHaveLength(1);
    await vi.waitFor(hasBegun, { timeout: 10_000 });
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(rig.log.lines.join()) ?? [];
    address = `http://127.0.0.1:${port}/`;
  });

  afterAll(async () => {
    await browser.close();
    stop.abort();
    await served;
    await rig[Symbol.asyncDispose]();
    await temp[Symbol.asyncDispose]();
  });

  describe.each(views)('%i wide, %s', (width, scheme) => {
    it('lets everything be read: nothing sticks out, is cut, lies on another thing or is too pale', async () => {
      await using view = await open(browser, address, width, scheme);
      const { texts, faults } = await view.page.evaluate(findPageFaults);
      expect(faults).toEqual([]);
      expect(texts).toBeGreaterThan(100);
    });

    it('lets everything be read when all that is folded is open', async () => {
      await using view = await open(browser, address, width, scheme);
      const before = await view.page.evaluate(findPageFaults);
      await view.page.evaluate(unfoldAll);
      const { texts, faults } = await view.page.evaluate(findPageFaults);
      expect(faults).toEqual([]);
      expect(texts).toBeGreaterThan(before.texts);
    });

    it('asks for nothing but itself, and complains of nothing', async () => {
      await using view = await open(browser, address, width, scheme);
      expect(view.requests).toEqual([address]);
      expect(view.complaints).toEqual([]);
    });

    it('looks like a page', async () => {
      await using view = await open(browser, address, width, scheme);
      const path = temp.join(`${width}-${scheme}.png`) as `${string}.png`;
      await view.page.screenshot({ path, fullPage: true });
      const blank = await browser.newPage();
      const figures = await blank.evaluate(measureImage, (await readFile(path)).toString('base64'));
      await blank.close();
      expect(figures.width).toBe(width);
      expect(figures.height).toBeGreaterThan(900);
      expect(figures.colours).toBeGreaterThan(50);
      expect(figures.largestShare).toBeLessThan(0.95);
      if (scheme === 'dark') expect(figures.brightness).toBeLessThan(0.25);
      else expect(figures.brightness).toBeGreaterThan(0.8);
    });

    it('has tables for those who cannot see them', async () => {
      await using view = await open(browser, address, width, scheme);
      const nodes = flat(await view.page.accessibility.snapshot({ interestingOnly: false }));
      const named = (role: string): (string | undefined)[] =>
        nodes.filter((node) => node.role === role).map(({ name }) => name);
      expect(named('table')).toContain('Unhealthy devices');
      expect(named('columnheader')).toEqual(expect.arrayContaining(['Device', 'Reason', 'Changes', 'Used by']));
      expect(named('rowheader')).toContain('card12-0');
      expect(named('cell').length).toBeGreaterThan(50);
      for (const landmark of ['banner', 'main', 'contentinfo']) expect(named(landmark)).toHaveLength(1);
    });
  });

  it('says which pod has which device', async () => {
    await using view = await open(browser, address, 1280, 'light');
    await expect(view.page.evaluate(textOfPage)).resolves.toContain('ml/trainer-0, main');
  });

  it('works without scripts, and comes again by itself where that is asked for', async () => {
    await using view = await open(browser, 'about:blank', 400, 'light');
    await view.page.setJavaScriptEnabled(false);
    await view.page.goto(`${address}?refresh=1`);
    await expect.poll(() => view.requests.filter((url) => url.startsWith(address)).length).toBeGreaterThan(1);
  });

  it('can be used with the keyboard alone, and shows where one is', async () => {
    await using view = await open(browser, address, 400, 'dark');
    await view.page.keyboard.press('Tab');
    const focused = await view.page.evaluate(focusedElement);
    expect(focused).toEqual({ text: 'Refresh every 5 s', outline: 'solid' });
  });
});

/** Names, reasons and paths as no plugin should have them, and as some will. */
function hostileTelemetry(): Telemetry {
  const hostile = new Telemetry('hostile-plugin');
  const script = '<script>console.error("script ran")</script><img src=x onerror=alert(1)>"\'&lt;';
  const resource = `example.com/${'r'.repeat(200)}`;
  const failing = { ...device('a!'), healthReason: `${script} ${'w'.repeat(300)}` };
  const found = new Map<string, DeviceInfo>([
    ['<b>&"\'', failing],
    ['W'.repeat(63), failing],
    [
      'M'.repeat(63),
      { ...device('m'), nodes: [{ hostPath: `/dev/${'n'.repeat(300)}`, containerPath: '/', permissions: 'r' }] },
    ],
  ]);
  hostile.resourceChanged(resource, { devices: found, problem: `${script} ${'p'.repeat(300)}` });
  hostile.history.begin(resource, found, Date.now());
  hostile.leftOut = new Map([[resource, new Map([[`${script}${'x'.repeat(400)}`, script]])]]);
  hostile.scanFailed(1, new Error(`${script} ${'e'.repeat(300)}`));
  hostile.resourceChanged('example.com/many', { devices: devices(...Array.from({ length: 400 }, (_, i) => `d${i}`)) });
  return hostile;
}

/** A page in a browser, and what it did. */
interface View extends AsyncDisposable {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

async function open(browser: Browser, address: string, width: number, scheme: Scheme): Promise<View> {
  // Ends with all that is in it, whatever it is loading.
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(request.url()));
  page.setDefaultTimeout(20_000);
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(address);
  return { page, requests, complaints, [Symbol.asyncDispose]: () => context.close() };
}

function flat(node: SerializedAXNode | null): SerializedAXNode[] {
  return node === null ? [] : [node, ...(node.children ?? []).flatMap(flat)];
}
