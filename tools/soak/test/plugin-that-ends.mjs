// SPDX-License-Identifier: Apache-2.0
console.error('this plugin only ends');
process.exitCode = 7;
