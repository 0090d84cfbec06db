/** Rows under their heading, each column as wide as its widest cell; nothing where there are no rows. */
export function renderColumns(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return ''
  const all = [heading.map((name) => name.toUpperCase()), ...rows]
  const widths = heading.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all
    .map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** A number of seconds as people say it: `45 s`, `12 min`, `3 h`, `2 d`. */
export function renderAge(seconds: number | null): string {
  if (seconds === null) return '-'
  const units = [
    { word: 'd', size: 86_400 },
    { word: 'h', size: 3_600 },
    { word: 'min', size: 60 },
  ]
  // From two of a unit on: 90 minutes say more than 1 h.
  const unit = units.find(({ size }) => seconds >= 2 * size)
  return unit === undefined
    ? `${Math.round(seconds)} s`
    : `${Math.floor(seconds / unit.size)} ${unit.word}`
}
