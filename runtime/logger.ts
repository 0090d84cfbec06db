import { styleText } from 'node:util'
import { createLogger, format, transports, type Logform } from 'winston'
import { redact, redactText } from './redact.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** Facts beside the constant message: `record`, `kind`, `traceparent`, … */
export type Fields = Readonly<Record<string, unknown>>

/** Writes one line per event, and never throws. */
export type Logger = Readonly<Record<LogLevel, (message: string, fields?: Fields) => void>> & {
  /** Whether anybody would read it: spares the making of costly fields. */
  readonly isEnabled: (level: LogLevel) => boolean
}

type Options = {
  readonly level: LogLevel
  readonly format: 'json' | 'text'
  readonly stream: NodeJS.WritableStream
  readonly now?: () => number
  readonly withColour?: boolean
}

export function makeLogger(options: Options): Logger {
  const { level, now = Date.now } = options
  const transport = new transports.Stream({ stream: options.stream })
  const winston = createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: options.format === 'json' ? asJson() : asText(options.withColour ?? false),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types have an interface where its constructor makes the class
    transports: [transport],
    exitOnError: false,
  })
  // A reader that went away (EPIPE) must not take the gateway with it.
  options.stream.on('error', () => undefined)
  transport.on('error', () => undefined)
  winston.on('error', () => undefined)

  const tell =
    (at: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      try {
        if (!winston.isLevelEnabled(at)) return
        const time = new Date(now()).toISOString()
        winston.log({ level: at, message: redactText(message), facts: redact(fields), time })
      } catch {
        // A line that cannot be written is lost; what it tells of must go on.
      }
    }
  return {
    error: tell('error'),
    warn: tell('warn'),
    info: tell('info'),
    debug: tell('debug'),
    isEnabled: (at) => winston.isLevelEnabled(at),
  }
}

function asJson(): Logform.Format {
  return format.printf(({ level, message, facts, time }) => {
    const head = { time, level, message }
    // First for the eye, and last again: a fact may not pretend to be the time, the level or the message.
    return JSON.stringify({ ...head, ...without(facts), ...head })
  })
}

const colours = { error: 'red', warn: 'yellow', info: 'green', debug: 'gray' } as const

function asText(withColour: boolean): Logform.Format {
  return format.printf(({ level, message, facts, time }) => {
    const clock = String(time).slice(11, 23)
    const word = level.toUpperCase().padEnd(5)
    const painted = withColour ? styleText(colourOf(level), word) : word
    const pairs = Object.entries(without(facts)).map(([name, value]) => `${name}=${inline(value)}`)
    return [clock, painted, String(message).replaceAll('\n', ' '), ...pairs].join(' ')
  })
}

function colourOf(level: string): (typeof colours)[LogLevel] {
  return level === 'error' || level === 'warn' || level === 'info' ? colours[level] : colours.debug
}

/** The facts that are there: an undefined one says nothing. */
function without(facts: unknown): Record<string, unknown> {
  if (typeof facts !== 'object' || facts === null) return {}
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

function inline(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value
  return JSON.stringify(value)
}
