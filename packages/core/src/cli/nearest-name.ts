// SPDX-License-Identifier: Apache-2.0

/** Which of `names` somebody may have meant who wrote `name`: the one that takes the fewest letters inserted, removed or replaced. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const distances = names.map((candidate) => editDistance(name, candidate));
  return names[distances.indexOf(Math.min(...distances))];
}

/** The distance of Levenshtein, one row of its table at a time. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const row = [line];
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(above, column - 1) + Number(from[line - 1] !== to[column - 1]);
      row.push(Math.min(replaced, at(above, column) + 1, at(row, column - 1) + 1));
    }
    above = row;
  }
  return at(above, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
