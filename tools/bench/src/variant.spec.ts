// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownVariants, peerVariant, splitCommand, type Site, type Variant } from './variant.ts';

const site: Site = {
  plugins: '/t/1/p',
  host: '/t/1/host',
  cdi: '/t/1/cdi',
  config: '/t/1/c',
  metricsPort: 4711,
  copies: 2500,
};

describe('splitCommand()', () => {
  it.each([
    ['plugin --dir {dir}', ['plugin', '--dir', '{dir}']],
    [`p --device '{"name": "gpu"}'`, ['p', '--device', '{"name": "gpu"}']],
    [`p --name="it's one"  x`, ['p', "--name=it's one", 'x']],
  ])('splits %s', (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });

  it('gives back words that were put between quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[^']*$/), { minLength: 1 }), (words) => {
        expect(splitCommand(words.map((word) => `'${word}'`).join(' '))).toEqual(words);
      }),
    );
  });
});

describe('peerVariant()', () => {
  it('fills in the places of one run', () => {
    const peer = peerVariant('go=plugin --dir={dir} --path {dev}/kdp* --count {copies}');
    expect(peer.command(site)).toEqual(['plugin', '--dir=/t/1/p', '--path', '/t/1/host/dev/kdp*', '--count', '2500']);
    expect(peer).toMatchObject({ name: 'go', isOwn: false, seesNodes: true, canHaveMany: true });
  });

  it('takes part only where its command makes it possible', () => {
    expect(peerVariant('go=plugin {dir}')).toMatchObject({ seesNodes: false, canHaveMany: false });
  });

  it.each(['plugin {dir}', 'go=', '=plugin {dir}', 'a b=plugin {dir}', 'go=plugin'])('refuses %s', (text) => {
    expect(() => peerVariant(text)).toThrow(RangeError);
  });
});

describe('ownVariants()', () => {
  it('differ in what the image starts Node with', () => {
    const [plain, image] = ownVariants('node', 'main.mjs', 'warm/main.mjs');
    expect(plain?.command(site).slice(0, 3)).toEqual(['node', 'main.mjs', '-device-plugin-path=/t/1/p']);
    expect(plain?.env).toEqual({ NODE_NAME: 'bench' });
    expect(image?.command(site).slice(0, 3)).toEqual(['node', '--max-semi-space-size=1', 'warm/main.mjs']);
    expect(image?.env).toMatchObject({ NODE_OPTIONS: '--use-openssl-ca' });
  });

  it('have the flags of the simple plugin unless they are of another', () => {
    const flagsOf = (variants: readonly Variant[]): readonly string[] => variants[0]?.command(site) ?? [];
    expect(flagsOf(ownVariants('node', 'main.mjs', undefined))).toContain('-config=/t/1/c');
    const other = flagsOf(ownVariants('node', 'main.mjs', undefined, () => ['-shared-dev-num=100']));
    expect(other).toContain('-shared-dev-num=100');
    expect(other.join()).not.toContain('-config');
  });
});
