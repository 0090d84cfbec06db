import { everySetting } from './settings.ts'

const ours = /^(?:OUTREACH|WORKBOOKS|KAFKA|OPS)_/

/** One sentence for each name that begins like ours, is none of ours, and is nearly one. */
export function findMisspelt(names: readonly string[]): readonly string[] {
  const known = everySetting().map(([, { key }]) => key)
  return names
    .filter((name) => ours.test(name) && !known.includes(name))
    .flatMap((name) => {
      const nearest = known
        .map((key) => ({ key, distance: distanceOf(name, key) }))
        .reduce((best, each) => (each.distance < best.distance ? each : best))
      return nearest.distance <= 2
        ? [`${name} is not a setting, and nothing reads it: is ${nearest.key} meant?`]
        : []
    })
}

/** Levenshtein: how many letters have to be put in, taken out or exchanged. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [line, letter] of Array.from(one).entries()) {
    const next = [line + 1]
    for (const [at, otherLetter] of Array.from(other).entries()) {
      const exchanged = (row[at] ?? 0) + (letter === otherLetter ? 0 : 1)
      next.push(Math.min(exchanged, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
