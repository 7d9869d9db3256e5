// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import { log } from '../log/log.ts';
import { currentTelemetry, countConfigReload } from '../observe/telemetry.ts';
import { parseConfigDocument, rejectFaults } from './config-document.ts';
import { ConfigFile } from './config-file.ts';
import { readConfig, type Config, type ConfigSpec } from './read-config.ts';

/** A configuration file that is read again when it changes. */
export class LiveConfig {
  readonly path: string;
  readonly #file: ConfigFile;
  readonly #spec: ConfigSpec;

  private constructor(path: string, spec: ConfigSpec) {
    this.path = path;
    this.#file = new ConfigFile(path);
    this.#spec = spec;
  }

  /** @throws DevicePluginError `CONFIG_INVALID` when the file cannot be read, or is wrong: with all that is. */
  static async open(path: string, spec: ConfigSpec): Promise<{ readonly live: LiveConfig; readonly config: Config }> {
    const live = new LiveConfig(path, spec);
    const config = await live.#readChange();
    // A plugin that is started again may have left one.
    currentTelemetry().configProblem = undefined;
    if (config === undefined) throw new Error(`${path} has changed before it was read`);
    return { live, config };
  }

  /** Where a change shows. */
  get directory(): string {
    return this.#file.directory;
  }

  /**
   * Reads the file if it has changed, and hands what it says to `apply`. When it is wrong, or `apply` rejects, what was before it stays,
   * and the reason is told once. Never rejects.
   */
  async refresh(apply: (config: Config) => Promise<void>): Promise<void> {
    const telemetry = currentTelemetry();
    try {
      const config = await this.#readChange();
      if (config === undefined) return;
      await apply(config);
      telemetry.configProblem = undefined;
      countConfigReload('ok');
      log.info('configuration has changed and is applied', { file: this.path });
    } catch (error) {
      const reason = messageOf(error);
      telemetry.configProblem = reason.split('\n', 1)[0];
      countConfigReload('error');
      log.error('configuration has changed and is wrong, the last good one stays', { reason });
    }
  }

  async #readChange(): Promise<Config | undefined> {
    const text = await this.#file.readChange();
    if (text === undefined) return undefined;
    const document = await parseConfigDocument(this.path, text);
    const config = readConfig(document.root, this.#spec);
    rejectFaults(this.path, document);
    return config;
  }
}
