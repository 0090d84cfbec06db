/**
 * kafkajs 2.2.4 asks for timers with negative waits (its `throttledUntil` begins at -1). Node takes
 * them for 1 ms and warns of the first one in a process: that first one is spent here, unheard, so
 * that no operator reads of a bug that harms nothing.
 */
export function skipNegativeTimeoutWarning(): void {
  const real = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  if (real?.configurable !== true) return
  Object.defineProperty(process, 'emitWarning', { ...real, value: () => undefined })
  try {
    clearTimeout(setTimeout(() => undefined, -1))
  } finally {
    Object.defineProperty(process, 'emitWarning', real)
  }
}
