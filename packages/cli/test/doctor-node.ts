// SPDX-License-Identifier: Apache-2.0
import { chmod } from 'node:fs/promises';
import { dir, FakeKubelet, type FixtureTree, hostFixture, type HostFixture, link } from '@kube-device-plugins/testkit';

/** A node with a kubelet, and with QAT devices that are not handed out; process 4711 is the plugin. */
export class DoctorNode implements AsyncDisposable {
  readonly fixture: HostFixture;
  readonly #kubelet: FakeKubelet;

  private constructor(fixture: HostFixture, kubelet: FakeKubelet) {
    this.fixture = fixture;
    this.#kubelet = kubelet;
  }

  static async create(change: FixtureTree = {}): Promise<DoctorNode> {
    const fixture = await hostFixture({ ...tree, ...change });
    const directory = fixture.path('var/lib/kubelet/device-plugins');
    const podResourcesDir = fixture.path('var/lib/kubelet/pod-resources');
    const kubelet = new FakeKubelet({ dir: directory, podResourcesDir, profile: '1.34' });
    await kubelet.start();
    await chmod(directory, 0o750);
    return new DoctorNode(fixture, kubelet);
  }

  /** As on a node where its file system is in /host. */
  asOnNode(text: string): string {
    return text
      .replaceAll(this.fixture.root, '/host')
      .replace(/of uid \d+/, 'of uid 0')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, '2026-11-21T20:15:00.000Z');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kubelet.stop();
    await this.fixture.dispose();
  }
}

const pf = 'sys/bus/pci/devices/0000:3d:00.0';
const vf = 'sys/bus/pci/devices/0000:3d:01.0';

const tree: FixtureTree = {
  [`${pf}/vendor`]: '0x8086\n',
  [`${pf}/device`]: '0x37c8\n',
  [`${pf}/driver`]: link('../../drivers/c6xx'),
  [`${vf}/vendor`]: '0x8086\n',
  [`${vf}/device`]: '0x37c9\n',
  'sys/bus/pci/drivers/vfio-pci': dir(),
  'sys/class/iommu/dmar0': dir(),
  'sys/kernel/iommu_groups/7': dir(),
  'sys/kernel/debug/qat_c6xx_0000:3d:00.0': dir(),
  'sys/module/vfio_pci/parameters/disable_denylist': 'N\n',
  'sys/fs/selinux/enforce': '1',
  'sys/fs/cgroup/memory.max': '31457280\n',
  'etc/containerd/config.toml': 'version = 2\n',
  'var/run/cdi': dir(),
  'proc/cmdline': 'quiet intel_iommu=on\n',
  'proc/sys/fs/inotify/max_user_instances': '128\n',
  'proc/sys/fs/inotify/max_user_watches': '8192\n',
  'proc/2/comm': 'kthreadd\n',
  ...processOfRoot(1, 7_000),
  ...processOfRoot(4711, 5),
  'proc/4711/attr/current': 'system_u:system_r:container_device_plugin_t:s0:c1,c2',
  'proc/4711/cgroup': '0::/\n',
  'proc/4711/limits': 'Max open files            1048576              1048576              files     \n',
  'proc/4711/mountinfo':
    '1 0 0:9 / / ro - overlay overlay rw\n2 1 8:1 / /var/lib/kubelet/device-plugins rw - ext4 /dev/sda1 rw\n' +
    '3 1 0:8 / /sys ro - sysfs sysfs ro\n',
};

function processOfRoot(pid: number, watches: number): FixtureTree {
  return {
    [`proc/${pid}/status`]: 'Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n',
    [`proc/${pid}/fd/9`]: link('anon_inode:inotify'),
    [`proc/${pid}/fdinfo/9`]: 'inotify wd:1\n'.repeat(watches),
  };
}
