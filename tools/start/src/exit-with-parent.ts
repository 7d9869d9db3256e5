// SPDX-License-Identifier: Apache-2.0

// Loaded into the plugin's process ahead of the plugin (`node --import`), with a pipe from npm start as its standard input.
// The pipe ends when npm start does, however it ends: SIGKILL included, no plugin is left behind.
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
// The pipe is an open socket; alone it must not keep a plugin that is done alive.
if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
