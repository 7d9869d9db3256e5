// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Host } from '@kube-device-plugins/core';
import { gbsFile, hostFixture, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { fpgaRequests } from '../src/main/ioctl/fpga-requests.ts';
import { fpgaHost, pciDirectory, type CardFixture } from './fixtures/fpga-host.ts';
import { RecordingIoctl, type DriverAnswer } from './recording-ioctl.ts';

/** A board with one engine and these ports, whose numbers are their ids. */
export function board(
  driver: 'opae' | 'dfl',
  interfaceId: string,
  ports: Readonly<Record<number, string>>,
): CardFixture {
  const prefix = driver === 'opae' ? 'intel-fpga-port.' : 'dfl-port.';
  const ids = Object.keys(ports).map((number) => [`${prefix}${number}/id`, `${number}\n`] as const);
  return { driver, number: 0, bdf: '0000:3b:00.0', fmes: { 0: interfaceId }, ports, files: Object.fromEntries(ids) };
}

/** A host with FPGAs and installed bitstreams, and a driver that loads what it is told into the ports of fixture trees. */
export class ProgramWorld implements AsyncDisposable {
  readonly fixture: HostFixture;
  readonly ioctl = new RecordingIoctl();
  readonly access: { readonly host: Host; readonly ioctl: RecordingIoctl };
  readonly bitstreamDirectory: string;

  constructor(fixture: HostFixture) {
    this.fixture = fixture;
    this.access = { host: new Host(fixture.root), ioctl: this.ioctl };
    this.bitstreamDirectory = fixture.path('srv/intel.com/fpga');
  }

  static async start(cards: readonly CardFixture[], tree: FixtureTree = {}): Promise<ProgramWorld> {
    return new ProgramWorld(await hostFixture({ ...fpgaHost(...cards), ...tree }));
  }

  /** Payloads of bitstreams are the ids of their functions here, so that the driver knows what a port has then. */
  async install(interfaceId: string, afuId: string, madeFor = interfaceId): Promise<void> {
    const directory = join(this.bitstreamDirectory, interfaceId);
    await mkdir(directory, { recursive: true });
    const file = gbsFile({ interfaceId: madeFor, afuId, payload: Buffer.from(afuId) });
    await writeFile(join(directory, `${afuId}.gbs`), file);
  }

  /** From now on, programming works as `loaded` says what a port has afterwards. */
  programs(card: CardFixture, loaded: (afuId: string) => string = (afuId) => afuId): void {
    const answer: DriverAnswer = async (bytes, { pointer }) => {
      await this.fixture.write(this.afuFile(card, bytes.readUInt32LE(8)), `${loaded(String(pointer?.target))}\n`);
      return 0;
    };
    this.ioctl.answers[fpgaRequests[card.driver === 'opae' ? 'opae' : 'dfl'].programPort] = answer;
  }

  afuFile({ driver, bdf, number }: CardFixture, port: number): string {
    const [directory, prefix] =
      driver === 'opae' ? ['fpga/intel-fpga-dev.', 'intel-fpga-port.'] : ['fpga_region/region', 'dfl-port.'];
    return `${pciDirectory(bdf)}/${directory}${number}/${prefix}${port}/afu_id`;
  }

  /** Makes a bundle; what a runtime writes to the hook. */
  async state(env: readonly string[], devices: readonly string[]): Promise<string> {
    const linux = { devices: devices.map((name) => ({ path: `/dev/${name}`, type: 'c' })) };
    await this.fixture.write('bundle/config.json', JSON.stringify({ process: { env }, linux }));
    return JSON.stringify({ ociVersion: '1.0.2', bundle: this.fixture.path('bundle') });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fixture.dispose();
  }
}
