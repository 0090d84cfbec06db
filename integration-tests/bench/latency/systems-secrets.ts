export const systemsSecrets = {
  outreachToken: 'bench-outreach-token',
  outreachWebhook: 'bench-outreach-webhook-secret',
  workbooksHook: 'bench-workbooks-hook-secret-of-32-bytes',
  ops: 'bench-ops-secret-of-more-than-32-bytes',
} as const
