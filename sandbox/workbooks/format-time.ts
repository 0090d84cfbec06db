const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export const defaultFormats = {
  datetime: '%a %b %d %H:%M:%S %Z %Y',
  date: '%e %b %Y',
  time: '%H:%M:%S',
}

const two = (value: number): string => String(value).padStart(2, '0')

const directives: Readonly<Record<string, (at: Date) => string>> = {
  a: (at) => days[at.getUTCDay()] ?? '',
  b: (at) => months[at.getUTCMonth()] ?? '',
  d: (at) => two(at.getUTCDate()),
  // The space before a one-digit day is what the real answers have (workbooks-api 4).
  e: (at) => String(at.getUTCDate()).padStart(2, ' '),
  m: (at) => two(at.getUTCMonth() + 1),
  Y: (at) => String(at.getUTCFullYear()),
  y: (at) => two(at.getUTCFullYear() % 100),
  H: (at) => two(at.getUTCHours()),
  M: (at) => two(at.getUTCMinutes()),
  S: (at) => two(at.getUTCSeconds()),
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  Z: () => 'UTC',
  z: () => '+0000',
  '%': () => '%',
}

/** Epoch seconds by a strftime pattern, always UTC. */
export const formatTime = (epochSeconds: number, pattern: string): string => {
  const at = new Date(epochSeconds * 1000)
  return pattern.replace(/%([a-zA-Z%])/g, (whole, letter: string) =>
    (directives[letter] ?? (() => whole))(at),
  )
}
