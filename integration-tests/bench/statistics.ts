/** The value below which `share` (0 to 1) of all lie. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export function median(values: Iterable<number>): number {
  return quantile(values, 0.5)
}
