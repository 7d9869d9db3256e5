// SPDX-License-Identifier: Apache-2.0
// Runs on Node 20 with nothing installed.
import { spawn } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Something that the person at the keyboard can do something about: shown without a stack. */
export class Problem extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Installs exactly what package-lock.json says, unless that is what is installed.
 *
 * @param {string} root
 */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  const release = await lock(join(root, '.nx/install.lock'));
  try {
    // Whoever held the lock may have done it.
    if (!isInstalled(root)) await npmCi(root);
  } finally {
    release();
  }
}

/**
 * The Node of the workspace; where npm has none for this platform, the running one if it is new enough.
 *
 * @param {string} root
 */
export function pinnedNode(root) {
  const pinned = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(pinned)) return pinned;
  if (Number.parseInt(process.versions.node) >= 24) return process.execPath;
  throw new Problem(
    `the workspace has no Node of its own for ${process.platform}-${process.arch}, and this is Node ${process.versions.node}: ` +
      'install Node 24 or newer and run it again',
  );
}

/**
 * Compares the two lock files: the workspace's, and npm's own account of what it put into node_modules.
 *
 * @param {string} root
 */
function isInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules/.package-lock.json'));
  return Object.entries(wanted).every(([path, { version, integrity, link, optional }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    // Optional ones are for other platforms.
    if (found === undefined) return optional === true;
    return link === true ? existsSync(join(root, path)) : found.version === version && found.integrity === integrity;
  });
}

/**
 * What both lock files say of each package, by its path.
 *
 * @typedef {Record<string, { version?: string, integrity?: string, link?: boolean, optional?: boolean }>} Packages
 */

/**
 * @param {string} path
 * @returns {Packages}
 */
function readLock(path) {
  if (!existsSync(path)) return {};
  const lock = /** @type {{ packages: Packages }} */ (JSON.parse(readFileSync(path, 'utf8')));
  return lock.packages;
}

/** @param {string} root */
async function npmCi(root) {
  console.error('Installing the dependencies (npm ci). This happens once, and again when package-lock.json changes …');
  // Whatever the user's configuration leaves out (NODE_ENV=production does), a workspace needs all of it, and no package's scripts.
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const [file, ...first] = npm();
  const child = spawn(file, [...first, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  /** @type {string | undefined} */
  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  if (failure === undefined) return;
  throw new Problem(
    `npm ci failed (${failure}): npm says why above. It needs the npm registry (see npm config get registry) and, behind a proxy ` +
      'with certificates of its own, NODE_EXTRA_CA_CERTS; then run this again.',
  );
}

/**
 * npm as a file for this Node where npm started us, so that no shell is needed; else npm from the PATH.
 *
 * @returns {[string, ...string[]]}
 */
function npm() {
  const path = process.env.npm_execpath;
  return path !== undefined && basename(path).startsWith('npm') ? [process.execPath, path] : ['npm'];
}

/**
 * Waits until this process is the only one that installs.
 *
 * @param {string} path
 * @returns {Promise<() => void>} gives the lock back
 */
async function lock(path) {
  mkdirSync(join(path, '..'), { recursive: true });
  // A link comes with its content: nobody reads a lock that does not say yet whose it is.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    for (let waited = 0; !tryLink(own, path); waited += 1) {
      const owner = ownerOf(path);
      if (owner !== undefined && !isAlive(owner)) rmSync(path, { force: true });
      else if (owner !== undefined && waited === 0)
        console.error(`Waiting for process ${owner}, which installs the dependencies …`);
      await pause(200);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(path, { force: true });
}

/**
 * @param {string} from
 * @param {string} to
 */
function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} path
 * @returns {number | undefined} undefined when the lock was given back meanwhile
 */
function ownerOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
