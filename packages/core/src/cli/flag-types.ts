// SPDX-License-Identifier: Apache-2.0
import { goQuote } from '../log/go-quote.ts';
import { formatGoDuration, parseGoDuration } from './go-duration.ts';
import { parseError, parseGoInt, parseGoUint } from './go-number.ts';

/** How the text of a flag becomes its value. */
export interface FlagType<T> {
  /** Stands for the value in the usage text. */
  readonly placeholder: string;
  /** @throws DevicePluginError `FLAG_INVALID`, whose message ends `invalid value "x" for flag -y: `. */
  parse(text: string): T;
  /** The value as the usage text shows it. */
  format(value: T): string;
  /** What a flag that is given again means; without it the last one counts. */
  add?(earlier: T, later: T): T;
}

const string: FlagType<string> = { placeholder: 'string', parse: (text) => text, format: goQuote };
const bool: FlagType<boolean> = { placeholder: '', parse: parseGoBool, format: String };
const int: FlagType<number> = { placeholder: 'int', parse: parseGoInt, format: String };
const uint: FlagType<number> = { placeholder: 'uint', parse: parseGoUint, format: String };
const duration: FlagType<number> = { placeholder: 'duration', parse: parseGoDuration, format: formatGoDuration };

const strings: FlagType<readonly string[]> = {
  placeholder: 'string',
  parse: (text) => [text],
  format: (texts) => texts.map(goQuote).join(', '),
  add: (earlier, later) => [...earlier, ...later],
};

/** Go's own types by name, and `strings`, which collects what several flags say. A duration is in milliseconds. */
export const flagTypes = { string, strings, bool, int, uint, duration } as const;

/** Source: Go, strconv.ParseBool(). */
function parseGoBool(text: string): boolean {
  if (/^(?:1|t|T|true|True|TRUE)$/.test(text)) return true;
  if (/^(?:0|f|F|false|False|FALSE)$/.test(text)) return false;
  throw parseError();
}
