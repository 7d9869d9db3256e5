// SPDX-License-Identifier: Apache-2.0

/** A call that can be asked for as often as one likes. */
export interface Throttled {
  (): void;
  /** Drops a call that is still to come. */
  cancel(): void;
}

/** Calls `action` at once, then at most every `periodMs`; what is asked for in between is done once, at the end of the period. */
export function throttle(action: () => void, periodMs: number): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;
  const act = (): void => {
    isAsked = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isAsked) act();
    }, periodMs);
    action();
  };
  const ask = (): void => {
    if (timer === undefined) act();
    else isAsked = true;
  };
  return Object.assign(ask, { cancel: () => clearTimeout(timer) });
}
