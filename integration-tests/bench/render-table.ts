/** Rows as text in columns; the first column to the left, the others to the right. */
export function renderTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  const toLine = (cells: readonly string[]) =>
    widths
      .map((width, at) => {
        const cell = cells[at] ?? ''
        return at === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [toLine(heads), rule, ...rows.map(toLine)].join('\n')
}
