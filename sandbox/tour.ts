type Places = {
  readonly gateway: string
  readonly ops: string
  readonly outreach: string
  readonly workbooks: string
}

/** What runs where, three things to try, and what to watch: printed when the sandbox is ready. */
export function renderTour({ gateway, ops, outreach, workbooks }: Places): string {
  return `
The sandbox is ready. No credentials are set, so Workbooks and Outreach are simulated on this machine.

  gateway              ${gateway}   receives the webhooks of both
  operators            ${ops}   /ops/status, /metrics
  simulated Workbooks  ${workbooks}   records under /_sandbox/organisations
  simulated Outreach   ${outreach}   records under /_sandbox/accounts

Three things to try, in another terminal:

1. A person creates an organisation in Workbooks; it appears in Outreach as an account:

   curl -s -X POST ${workbooks}/_sandbox/organisations -H 'content-type: application/json' -d '{"columns":{"name":"Larkfield Instruments","website":"https://larkfield.example","cf_organisation_sync_to_outreach":true}}'
   curl -s '${outreach}/_sandbox/accounts?name=Larkfield+Instruments'

2. A person renames that account in Outreach; Workbooks follows within a second. Put the ids that 1 printed in
   place of ACCOUNT and ORGANISATION:

   curl -s -X PATCH ${outreach}/_sandbox/accounts/ACCOUNT -H 'content-type: application/json' -d '{"attributes":{"name":"Larkfield Instruments Ltd"}}'
   curl -s ${workbooks}/_sandbox/organisations/ORGANISATION

3. Ask what was done about the organisation, and why:

   node start.ts ops outcomes workbooks:organisation:ORGANISATION

What to watch: npm run ops -- status, npm run ops -- outcomes --follow, and this log.
Stop with Ctrl-C; the records are kept in DATA_DIR and are there again next time.
`
}
