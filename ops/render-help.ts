import { renderColumns } from './render-columns.ts'
import { verbs } from './verbs.ts'

export function renderHelp(): string {
  const rows = [
    ...verbs.map(({ usage, says, scope }) => [usage, says, scope] as const),
    ['token --scope <scope>... [--sub <name>] [--hours <n>]', 'make a token', '-'] as const,
    ['help', 'this text', '-'] as const,
  ]
  return [
    'node start.ts ops <verb> [--json] asks the running product.\n',
    renderColumns(['verb', 'what it does', 'scope'], rows),
    'A record is <system>:<type>:<id>, for example workbooks:organisation:226 or outreach:account:4101.',
    'OPS_URL says where the product runs, OPS_TOKEN which token to show it; without them it is asked at',
    'OPS_PORT of this machine, with a token made from OPS_JWT_SECRET or from the secret in DATA_DIR.\n',
  ].join('\n')
}
