import type { Sandbox } from './open-sandbox.ts'

type Places = {
  readonly gateway: string
  readonly ops: string
  readonly dataDir: string
  readonly sandbox: Pick<Sandbox, 'outreach' | 'workbooks'>
}

const json = "-H 'content-type: application/json'"

/**
 * What runs where, three things to try, and what to watch: printed when the sandbox is ready. The lines
 * work as they are printed: they name the ids that the next records will get, and a name nobody has.
 */
export function renderTour({ gateway, ops, dataDir, sandbox }: Places): string {
  const { outreach, workbooks } = sandbox
  const [w, o] = [
    workbooks.person.upcomingId('organisations'),
    outreach.person.upcomingId('account'),
  ]
  const name = findFreeName(sandbox)
  const created = { name, website: 'https://larkfield.example', ...toBeSynchronised }
  const renamed = { name: `${name} Ltd` }
  const opsCommand = toOpsCommand(ops, dataDir)
  return `
The sandbox is ready. No credentials are set, so Workbooks and Outreach are simulated on this machine.

  gateway              ${gateway}   receives the webhooks of both
  operators            ${ops}   /ops/status, /metrics
  simulated Workbooks  ${workbooks.url}   records under /_sandbox/organisations
  simulated Outreach   ${outreach.url}   records under /_sandbox/accounts

Three things to try, in another terminal, one after the other; every line works as it stands:

1. A person creates an organisation in Workbooks; it appears in Outreach as an account:

   curl -s -X POST ${workbooks.url}/_sandbox/organisations ${json} -d '${JSON.stringify({ columns: created })}' | ${only('id', 'name')}
   sleep 1; curl -s ${outreach.url}/_sandbox/accounts/${o}

2. A person renames that account in Outreach; Workbooks follows within a second:

   curl -s -X PATCH ${outreach.url}/_sandbox/accounts/${o} ${json} -d '${JSON.stringify({ attributes: renamed })}'
   sleep 1; curl -s ${workbooks.url}/_sandbox/organisations/${w} | ${only('name', 'cf_organisation_outreach_id', 'cf_organisation_outreach_url')}

3. Ask what was done about the organisation, and why:

   ${opsCommand} outcomes workbooks:organisation:${w}

What to watch: this log, and in the other terminal

   ${opsCommand} status
   ${opsCommand} outcomes --follow

Stop with Ctrl-C; the records are kept in ${dataDir} and are there again next time.
`
}

/** A Workbooks record has some hundred columns; these are what the line is about. */
const only = (...names: readonly string[]) => `grep -E '"(${names.join('|')})"'`

const toBeSynchronised = { cf_organisation_sync_to_outreach: true } as const

/** The names of an earlier visit are taken, and the same once more would be a duplicate. */
function findFreeName({ outreach, workbooks }: Places['sandbox']): string {
  const taken = new Set<unknown>([
    ...workbooks.person.list('organisations').map((row) => row['name']),
    ...outreach.person.list('account').map(({ attributes }) => attributes['name']),
  ])
  for (let visit = 1; ; visit += 1) {
    const name = visit === 1 ? 'Larkfield Instruments' : `Larkfield Instruments ${visit}`
    if (!taken.has(name) && !taken.has(`${name} Ltd`)) return name
  }
}

/** In another terminal nothing is set: what differs from the usual is said in the line itself. */
function toOpsCommand(ops: string, dataDir: string): string {
  const isUsualPlace = ops === 'http://127.0.0.1:3001'
  const isUsualDir = dataDir === './data'
  return [
    ...(isUsualPlace ? [] : [`OPS_URL=${ops}`]),
    ...(isUsualDir ? [] : [`DATA_DIR='${dataDir.replaceAll("'", "'\\''")}'`]),
    'npm run -s ops --',
  ].join(' ')
}
