// SPDX-License-Identifier: Apache-2.0
import { gpuSubject } from './gpu-subject.ts';
import { simpleSubject } from './simple-subject.ts';
import type { Subject } from './subject.ts';

/** By the names that the command line has for them. */
export const subjects: Readonly<Record<string, Subject>> = { simple: simpleSubject, gpu: gpuSubject };
