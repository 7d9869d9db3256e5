// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';

// `npm run fuzz`: the same properties, many more values.
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: Number(process.env['FUZZ_RUNS']) });
