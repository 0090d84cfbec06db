import { everySetting } from './settings.ts'

/** The settings as the README shows them. */
export function renderSettingsTable(): string {
  const rows = everySetting().map(([, setting]) => {
    const secret = setting.secret ? ' *(secret)*' : ''
    return `| \`${setting.key}\` | ${setting.meaning}${secret} | ${asCode(setting.shownDefault)} |`
  })
  return ['| name | meaning | default |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

function asCode(shownDefault: string): string {
  return /[ `]/.test(shownDefault) || shownDefault === '-' ? shownDefault : `\`${shownDefault}\``
}

const opening = `# Every setting there is. All have a default or may stay empty: with none, the sandbox starts.
# Copy this file to .env, take the # off what you need, and start with: node --env-file=.env start.ts
`

/** The file `.env.example`. */
export function renderEnvExample(): string {
  const blocks = everySetting().map(([, setting]) => {
    const otherwise =
      setting.shownDefault === '-' ? '' : ` (default: ${plain(setting.shownDefault)})`
    const value = setting.secret ? '' : setting.example === '...' ? '' : setting.example
    return `# ${plain(setting.meaning)}${otherwise}\n#${setting.key}=${quoted(value)}\n`
  })
  return [opening, ...blocks].join('\n')
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '')
}

function quoted(value: string): string {
  return value.includes(' ') || value.includes('\\') ? `"${value}"` : value
}
