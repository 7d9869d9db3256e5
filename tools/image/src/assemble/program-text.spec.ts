// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { programText } from './program-text.ts';

const first = '#!/nodejs/bin/node --max-semi-space-size=1\n';

describe('programText()', () => {
  it.each([
    ['#!/usr/bin/env node\nrun();\n//# sourceMappingURL=main.mjs.map\n', `${first}run();\n`],
    ['#!/usr/bin/env node\nrun();\n//# sourceMappingURL=main.mjs.map', `${first}run();\n`],
    ['run();\n', `${first}run();\n`],
    ['say("\\n//# sourceMappingURL=x");\n', `${first}say("\\n//# sourceMappingURL=x");\n`],
  ])('makes of %j an executable of the image', (bundle, text) => {
    expect(programText(bundle, '/nodejs/bin/node')).toBe(text);
  });

  it('changes nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const body = `${text.replaceAll('sourceMappingURL', '')}\n`;
        fc.pre(!body.startsWith('#!'));
        expect(programText(`#!/usr/bin/env node\n${body}`, '/n')).toBe(`#!/n --max-semi-space-size=1\n${body}`);
      }),
    );
  });
});
