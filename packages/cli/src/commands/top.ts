// SPDX-License-Identifier: Apache-2.0
import { parseGoDuration } from '@kube-device-plugins/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import type { TopOptions } from '../top/top.ts';

/** `kdp top`: the resources and devices of a running plugin, and who has them. */
export function topCommand(context: CliContext): Command {
  return new Command('top')
    .description('Show the resources and devices of a running plugin, and which pods use them, as they change.')
    .addOption(
      new Option('--address <url>', "the plugin's -metrics-bind-address")
        .default('http://127.0.0.1:8080')
        .argParser(address),
    )
    .option('--pod-resources <socket>', 'ask this socket of the kubelet which pods use devices, not the plugin')
    .addOption(new Option('--interval <duration>', 'time between two looks').default(2_000, '2s').argParser(interval))
    .option('--once', 'look once, print everything and end')
    .addOption(new Option('-o, --output <format>', 'format').choices(['table', 'json']).default('table'))
    .addHelpText('after', '\nExample:\n  kubectl -n kube-system port-forward ds/intel-gpu-plugin 8080 & kdp top')
    .action(async (options: TopOptions) => {
      const { top } = await import('../top/top.ts');
      await top(options, context);
    });
}

function address(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidArgumentError('It must be like http://127.0.0.1:8080.');
  return url.href;
}

function interval(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < 100 || milliseconds > 3_600_000)
    throw new InvalidArgumentError('It must be from 100ms to 1h.');
  return milliseconds;
}

function parseDuration(text: string): number | undefined {
  try {
    return parseGoDuration(text);
  } catch {
    return undefined;
  }
}
