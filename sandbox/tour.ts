import type { Sandbox } from './open-sandbox.ts'

type Places = {
  readonly gateway: string
  readonly ops: string
  readonly dataDir: string
  readonly sandbox: Pick<Sandbox, 'outreach' | 'workbooks'>
}

const json = "-H 'content-type: application/json'"

/**
 * What runs where, five things to try, and what to watch: printed when the sandbox is ready. The lines
 * work as they are printed: they name the ids that the next records will get, and a name nobody has.
 */
export function renderTour({ gateway, ops, dataDir, sandbox }: Places): string {
  const { outreach, workbooks } = sandbox
  const [w, o, p] = [
    workbooks.person.upcomingId('organisations'),
    outreach.person.upcomingId('account'),
    outreach.person.upcomingId('prospect'),
  ]
  const [sale, deal] = [
    workbooks.person.upcomingId('opportunities'),
    outreach.person.upcomingId('opportunity'),
  ]
  // Organisations and people are numbered together, in the order of the lines below.
  const [mara, second] = [w + 1, w + 2]
  const name = findFreeName(sandbox)
  const created = { name, website: 'https://larkfield.example', ...toBeSynchronised }
  const renamed = { name: `${name} Ltd` }
  const employed = {
    ...{ name: 'Mara Quill', person_first_name: 'Mara', person_last_name: 'Quill' },
    'main_location[email]': `mara.quill.${p}@larkfield.example`,
    ...{ employer_link: w, cf_person_sync_to_outreach: true },
  }
  const founded = { name: `${name} Services`, ...toBeSynchronised }
  const moved = { employer_link: second }
  const offered = {
    ...{ description: `${name} – renewal`, party_id: second, document_date: '30 Jun 2027' },
    ...{ opportunity_contact_ids: [mara], opportunity_contact_roles: ['Decision Maker'] },
    ...{ document_currency_net_value: '18500.00 GBP 0', cf_opportunity_sync_to_outreach: true },
  }
  const likelier = { probability: 60 }
  const opsCommand = toOpsCommand(ops, dataDir)
  return `
The sandbox is ready. No credentials are set, so Workbooks and Outreach are simulated on this machine.

  gateway              ${gateway}   receives the webhooks of both
  operators            ${ops}   /ops/status, /metrics
  simulated Workbooks  ${workbooks.url}   records under /_sandbox/organisations
  simulated Outreach   ${outreach.url}   records under /_sandbox/accounts

Five things to try, in another terminal, one after the other; every line works as it stands:

1. A person creates an organisation in Workbooks; it appears in Outreach as an account:

   curl -s -X POST ${workbooks.url}/_sandbox/organisations ${json} -d '${JSON.stringify({ columns: created })}' | ${only('id', 'name')}
   sleep 1; curl -s ${outreach.url}/_sandbox/accounts/${o}

2. A person renames that account in Outreach; Workbooks follows within a second:

   curl -s -X PATCH ${outreach.url}/_sandbox/accounts/${o} ${json} -d '${JSON.stringify({ attributes: renamed })}'
   sleep 1; curl -s ${workbooks.url}/_sandbox/organisations/${w} | ${only('name', 'cf_organisation_outreach_id', 'cf_organisation_outreach_url')}

3. Somebody is employed there, and changes her employer: her prospect is in the account, and follows to the new one:

   curl -s -X POST ${workbooks.url}/_sandbox/people ${json} -d '${JSON.stringify({ columns: employed })}' | ${only('id', 'name')}
   sleep 1; curl -s ${outreach.url}/_sandbox/prospects/${p} | ${accountOnly}
   curl -s -X POST ${workbooks.url}/_sandbox/organisations ${json} -d '${JSON.stringify({ columns: founded })}' | ${only('id', 'name')}
   curl -s -X PATCH ${workbooks.url}/_sandbox/people/${mara} ${json} -d '${JSON.stringify({ columns: moved })}' | ${only('id', 'employer_name')}
   sleep 1; curl -s ${outreach.url}/_sandbox/prospects/${p} | ${accountOnly}

4. She may buy: an opportunity with customer, contact and amount; somebody in Outreach thinks it likelier than before:

   curl -s -X POST ${workbooks.url}/_sandbox/opportunities ${json} -d '${JSON.stringify({ columns: offered })}' | ${only('id', 'description')}
   sleep 1; curl -s ${outreach.url}/_sandbox/opportunities/${deal} | ${only('name', 'amount', 'closeDate')}
   curl -s -X PATCH ${outreach.url}/_sandbox/opportunities/${deal} ${json} -d '${JSON.stringify({ attributes: likelier })}' | ${only('probability')}
   sleep 1; curl -s ${workbooks.url}/_sandbox/opportunities/${sale} | ${only('description', 'probability', 'party_name')}

5. Ask what was done about the organisation, the person and the opportunity, and why:

   ${opsCommand} outcomes workbooks:organisation:${w}
   ${opsCommand} outcomes workbooks:person:${mara}
   ${opsCommand} outcomes workbooks:opportunity:${sale}

What to watch: this log, and in the other terminal

   ${opsCommand} status
   ${opsCommand} outcomes --follow

Stop with Ctrl-C; the records are kept in ${dataDir} and are there again next time.
`
}

/** A Workbooks record has some hundred columns; these are what the line is about. */
const only = (...names: readonly string[]) => `grep -E '"(${names.join('|')})"'`

/** Of a prospect's links the one to its account. */
const accountOnly = `grep -A 3 -E '"(account|accountName)"'`

const toBeSynchronised = { cf_organisation_sync_to_outreach: true } as const

const endings = ['', ' Ltd', ' Services']

/** The names of an earlier visit are taken, and the same once more would be a duplicate. */
function findFreeName({ outreach, workbooks }: Places['sandbox']): string {
  const taken = new Set<unknown>([
    ...workbooks.person.list('organisations').map((row) => row['name']),
    ...outreach.person.list('account').map(({ attributes }) => attributes['name']),
  ])
  for (let visit = 1; ; visit += 1) {
    const name = visit === 1 ? 'Larkfield Instruments' : `Larkfield Instruments ${visit}`
    if (endings.every((ending) => !taken.has(`${name}${ending}`))) return name
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
