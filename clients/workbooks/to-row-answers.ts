import { UnknownAnswer } from '../errors.ts'
import { toElements, toMembers, toText, type Members } from '../http/to-members.ts'
import { isStale, toProblems, toSentence, type Problem } from './to-problems.ts'
import { readBoolean } from './wire-values.ts'
import type { WorkbooksAnswer, WorkbooksWrite } from './workbooks-client.ts'

/** `ask-alone`: the request failed as a whole, and nothing in the answer is about this row. */
export type RowAnswer = WorkbooksAnswer | { readonly kind: 'ask-alone' }

/** What became of each row, by whichever shape of answer came (workbooks-api 5.2 to 5.6). */
export function toRowAnswers(body: Members, rows: readonly WorkbooksWrite[]): readonly RowAnswer[] {
  if (body['success'] === undefined && body['affected_objects'] === undefined) {
    if (rows.length === 1 && isStale(body)) return [{ kind: 'stale' }]
    return rows.map(() => toUnanswered('the answer does not say what became of it'))
  }
  const objects = toElements(body['affected_objects']).map(toMembers)
  const information = toElements(body['affected_object_information'])
  const sharesOf = ['affected_object_errors', 'failures'].map((name) => toElements(body[name]))
  const isWholeGood = readBoolean(body['success']) && problemsOf(body).length === 0

  return rows.map((row, at) => {
    const object = toObject(row, at, objects)
    const info = toMembers(information[at])
    const isGood =
      info['success'] === undefined
        ? isWholeGood
        : readBoolean(info['success']) && toProblems(info['errors']).length === 0
    if (isGood) return toWritten(row, object)
    if (isStale(rows.length === 1 ? body : info)) return { kind: 'stale' }

    // With one row everything is about it; else a list with one entry a row tells them apart.
    const shares = sharesOf.filter((share) => share.length === rows.length).map((all) => all[at])
    const own = [...problemsOf(info), ...shares.flatMap((share) => toProblems(share))]
    const problems = rows.length === 1 ? [...own, ...problemsOf(body)] : own
    if (rows.length > 1 && problems.length === 0) return { kind: 'ask-alone' }
    return toRefusal(row, problems, object)
  })
}

const isStaleProblem = ({ column, text }: Problem) => column === 'lock_version' || isStale(text)

function problemsOf(part: Members): readonly Problem[] {
  return [part['errors'], part['failures']].flatMap((value) => toProblems(value))
}

/** The object of a row: at its place, and where an id is known with that id. */
function toObject(row: WorkbooksWrite, at: number, objects: readonly Members[]) {
  const inPlace = objects[at]
  if (row.kind === 'create') return inPlace
  const isOfRow = (object: Members | undefined) => toText(object?.['id']) === row.id
  return isOfRow(inPlace) ? inPlace : objects.find(isOfRow)
}

function toWritten(row: WorkbooksWrite, object: Members | undefined): WorkbooksAnswer {
  if (row.kind === 'delete') {
    return { kind: 'written', id: row.id, lockVersion: row.lockVersion, columns: object ?? {} }
  }
  const id = toText(object?.['id'])
  const lockVersion = Number(toText(object?.['lock_version']))
  if (object === undefined || id === undefined || id === '0' || Number.isNaN(lockVersion)) {
    return toUnanswered('the answer says success and does not show the row')
  }
  return { kind: 'written', id, lockVersion, columns: object }
}

function toRefusal(
  row: WorkbooksWrite,
  problems: readonly Problem[],
  object: Members | undefined,
): WorkbooksAnswer {
  const columns = [...new Set(problems.flatMap(({ column }) => column ?? []))]
  const isSaid = (words: RegExp) => problems.some(({ text }) => words.test(text))
  if (problems.some(isStaleProblem)) return { kind: 'stale' }
  if (isSaid(/no longer accessible/i)) return { kind: 'unseen' }
  if (columns.length === 0 && row.kind !== 'create') {
    // However it is worded: a failed row that stands at another version was changed by somebody.
    const standsAt = toText(object?.['lock_version'])
    if (standsAt !== undefined && standsAt !== String(row.lockVersion)) return { kind: 'stale' }
  }
  const message = problems.length === 0 ? 'Workbooks gives no reason' : toSentence(problems)
  return { kind: 'refused', columns, message }
}

export function toUnanswered(why: string): WorkbooksAnswer {
  const error = new UnknownAnswer(`workbooks: a row was sent, and ${why}`, {
    system: 'workbooks',
    status: 200,
  })
  return { kind: 'unanswered', error }
}
