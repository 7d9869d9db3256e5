// SPDX-License-Identifier: Apache-2.0
import { type KubeletProfile, kubeletProfiles } from '../kubelet-profile.ts';
import type { Clause } from './clause.ts';
import { clauses } from './clauses.ts';

/** Which clauses, with which kubelets. */
export interface Selection {
  /** Ids or their beginnings, e.g. `ST-01` or `ST`; default all. */
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** The release whose kubelet there is, the newest by default. `all`: clauses in which kubelets differ are examined with each. */
  readonly profile?: KubeletProfile | 'all';
}

/** A clause, and the release whose kubelet it is examined with. */
export interface Examination {
  readonly clause: Clause;
  readonly profile: KubeletProfile;
  /** The clause has nothing to say of the kubelet that was asked for; this says which it is about. */
  readonly otherwise?: string;
}

/** Those that plugins of today meet: older ones send an authority that servers on nghttp2 refuse (kubernetes#112597). */
export const conformanceProfiles: readonly KubeletProfile[] = kubeletProfiles.filter((profile) => profile !== '1.25');

export const newestProfile = '1.37' satisfies KubeletProfile;

/** The clauses that are left by `only` and `skip`. */
export function selectClauses({ only, skip = [] }: Pick<Selection, 'only' | 'skip'>): Clause[] {
  const isIn = (ids: readonly string[], id: string): boolean =>
    ids.some((start) => id === start || id.startsWith(`${start}-`));
  return clauses.filter(({ id }) => (only === undefined || isIn(only, id)) && !isIn(skip, id));
}

/** What a run consists of, in the order of the clauses. */
export function examinationsOf(selection: Selection): Examination[] {
  const { profile = newestProfile } = selection;
  return selectClauses(selection).flatMap((clause) => {
    if (profile !== 'all') return [examination(clause, profile)];
    if (clause.differs !== true) return [examination(clause, newestProfile)];
    const each = conformanceProfiles.filter(
      (release) => clause.profile === undefined || clause.profile(release) === release,
    );
    return each.map((release) => ({ clause, profile: release }));
  });
}

function examination(clause: Clause, asked: KubeletProfile): Examination {
  const profile = clause.profile === undefined ? asked : clause.profile(asked);
  if (profile !== undefined) return { clause, profile };
  return { clause, profile: asked, otherwise: `is about other kubelets than those of ${asked}` };
}
