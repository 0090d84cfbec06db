import type { WorkbooksRecord } from '../../../clients/workbooks/workbooks-client.ts'
import { toText } from '../fields/record-values.ts'
import { outreachRef } from '../kinds/kind.ts'
import { createInOutreach } from './create-in-outreach.ts'
import { flagDuplicate, flagError, skipIneligible } from './flag-record.ts'
import { chooseKeeper } from './choose-keeper.ts'
import { claimRecords } from './claim-records.ts'
import { linkPair } from './link-pair.ts'
import { isMerelyNamed, isOlderThan, isOnlyBackfilled } from './old-pairs.ts'
import { settle } from './settle.ts'
import { isTrashed } from './is-trashed.ts'
import { toOutcome } from './to-outcome.ts'
import { settled, type Step, type SyncDeps, type Work, type WorkbooksFound } from './work.ts'

/** A Workbooks record without a partner in the state (rulebook 3, 4). */
export async function fromWorkbooks(
  deps: SyncDeps,
  work: Work,
  found: WorkbooksFound,
): Promise<Step> {
  if (found.kind !== 'here') {
    return {
      kind: 'park',
      cause: 'unseen',
      reason: 'Workbooks does not show this record to our user; it is read again later.',
    }
  }
  const { record } = found
  if (record.isDeleted) {
    await settle(deps, work, {
      outcomes: [
        toOutcome(
          work,
          { outcome: 'gone', workbooks: record.id, reason: 'It was deleted before it was linked.' },
          deps.now(),
        ),
      ],
    })
    return settled
  }
  const outreachId = toText(record.columns[work.kind.columns.outreachId])
  // An old pair is met whatever its flags say: an opt-out must find it (rulebook 3, 11).
  if (outreachId === undefined || !isOnlyBackfilled(work.hint)) {
    const skipped = await skipIneligible(deps, work, { record })
    if (skipped !== undefined) return skipped
  }
  return outreachId === undefined
    ? createInOutreach(deps, work, record)
    : linkByItsId(deps, work, { record, outreachId })
}

type Named = { readonly record: WorkbooksRecord; readonly outreachId: string }

/** The record names its partner: a pair of the old plug-in, or a person put the id there. */
async function linkByItsId(
  deps: SyncDeps,
  work: Work,
  { record, outreachId }: Named,
): Promise<Step> {
  const { kind, records, call } = work
  if (!/^\d{1,19}$/.test(outreachId)) {
    const skipped = await skipIneligible(deps, work, { record })
    if (skipped !== undefined) return skipped
    return flagError(deps, work, {
      record,
      told: { reason: `The Outreach Id "${outreachId}" is not a number; clear it or correct it.` },
    })
  }
  const key = outreachRef(kind, outreachId)
  if (!work.held.has(key)) return { kind: 'widen', keys: [key] }

  work.calls.count += 2
  const [partner, namesakes] = await Promise.all([
    records.readOutreach(outreachId, call),
    records.findInWorkbooks({ outreachId, keys: [] }, call),
  ])
  if (partner.kind === 'unseen') {
    return { kind: 'park', cause: 'unseen', reason: `Outreach does not show ${key}.` }
  }
  if (partner.kind === 'gone' || isTrashed(partner.record)) {
    return partnerGone(deps, work, { record, outreachId })
  }
  const claim = await claimRecords(deps, work, { w: record, outreachId })
  if (claim.kind === 'widen') return claim.step
  const keeper = chooseKeeper(kind, {
    rows: [record, ...namesakes],
    partner: partner.record,
    paired: claim.kind === 'taken' ? claim.by.workbooksId : undefined,
  })
  if (keeper.id !== record.id) {
    const skipped = await skipIneligible(deps, work, { record })
    return skipped ?? flagNamesake(deps, work, { record, outreachId, keeperId: keeper.id })
  }
  const isOld = isOlderThan(deps.settings.connectionOf(kind.name), record)
  return linkPair(deps, work, {
    w: record,
    o: partner.record,
    others: keeper.others,
    // Whoever changed it since then, or linked it, is decided by `onLink` as if nobody had asked.
    standsUnlessNamed: isOld && isMerelyNamed(work.hint),
  })
}

async function partnerGone(
  deps: SyncDeps,
  work: Work,
  { record, outreachId }: Named,
): Promise<Step> {
  const reason = `Outreach has no ${work.kind.outreach.type} ${outreachId} any more; nothing is made again until a person clears the Outreach Id.`
  await settle(deps, work, {
    outcomes: [
      toOutcome(
        work,
        { outcome: 'gone', workbooks: record.id, outreach: outreachId, reason },
        deps.now(),
      ),
    ],
  })
  return settled
}

function flagNamesake(
  deps: SyncDeps,
  work: Work,
  { record, outreachId, keeperId }: Named & { readonly keeperId: string },
): Promise<Step> {
  return flagDuplicate(deps, work, {
    record,
    told: {
      outreach: outreachId,
      reason: `${work.kind.name} ${keeperId} has the same Outreach Id ${outreachId}, and a record has one partner at most.`,
    },
  })
}
