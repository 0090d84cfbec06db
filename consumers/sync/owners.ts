import type { Call } from '../../clients/call.ts'
import type { OutreachClient } from '../../clients/outreach/outreach-client.ts'
import type { WorkbooksClient } from '../../clients/workbooks/workbooks-client.ts'
import { isTrue, toText } from './fields/record-values.ts'
import type { Translation } from './fields/form.ts'
import { isBlank, type Value } from './fields/value.ts'
import { makeDirectory, type Directory } from './make-directory.ts'
import type { Carrier } from './merge/merge-fields.ts'

export type OwnerRule = {
  readonly match: 'username' | 'name' | 'email'
  /** Assigned To name -> the user's username, e-mail, name or id; wins over the rule. */
  readonly users: Readonly<Record<string, string>>
}

type Deps = {
  readonly outreach: Pick<OutreachClient, 'search'>
  readonly workbooks: Pick<WorkbooksClient, 'search'>
  readonly rule: OwnerRule
  readonly now: () => number
  readonly signals: { readonly ownersUnknown: (system: string, why: string) => void }
}

type User = {
  readonly id: string
  readonly username?: string | undefined
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly isLocked: boolean
}

/** Who owns what on the other side (rulebook 9). */
export type Owners = {
  /** Looks up whom these records name, so that `carrier` can answer at once. */
  readonly prepare: (
    named: { readonly queues: string; readonly assignedTo: Value; readonly owner: Value },
    call: Call,
  ) => Promise<void>
  readonly carrierFor: (queues: string) => Carrier
  /** The queue to write as `assigned_to`. */
  readonly queueIdOf: (queues: string, name: string) => string | undefined
}

export function makeOwners({ outreach, workbooks, rule, now, signals }: Deps): Owners {
  const users = makeDirectory<User>(now, {
    load: async (call) => {
      const records = await outreach.search('user', { size: 200 }, call)
      return records.map(({ id, attributes }) => ({
        id,
        username: toText(attributes['username']),
        name: toText(attributes['name']) ?? fullName(attributes),
        email: toText(attributes['email']),
        isLocked: isTrue(attributes['locked']),
      }))
    },
    onUnknown: ({ message }) => signals.ownersUnknown('outreach', message),
  })
  const queues = new Map<string, Directory<{ id: string; name: string }>>()
  const queuesOf = (controller: string) => {
    const known = queues.get(controller)
    if (known !== undefined) return known
    const made = makeDirectory<{ id: string; name: string }>(now, {
      load: async (call) => {
        const query = { columns: ['id', 'name'], filters: [] }
        const records = await workbooks.search(controller, query, call)
        return records.map(({ id, columns }) => ({ id, name: toText(columns['name']) ?? '' }))
      },
      onUnknown: ({ message }) => signals.ownersUnknown('workbooks', message),
    })
    queues.set(controller, made)
    return made
  }

  const userFor = (assignedTo: string): User | undefined => {
    const listed = rule.users[assignedTo]
    const found = (users.known() ?? []).filter((user) =>
      listed === undefined
        ? user[rule.match] === assignedTo
        : [user.id, user.username, user.email, user.name].includes(listed),
    )
    return found.find(({ isLocked }) => !isLocked)
  }

  const queueNameFor = (userId: string, controller: string): string | undefined => {
    const user = (users.known() ?? []).find(({ id }) => id === userId)
    if (user === undefined) return undefined
    const listed = Object.keys(rule.users).find((name) => userFor(name)?.id === userId)
    const name = listed ?? user[rule.match]
    return (queuesOf(controller).known() ?? []).find((queue) => queue.name === name)?.name
  }

  return {
    async prepare({ queues: controller, assignedTo, owner }) {
      const isMissed =
        (typeof assignedTo === 'string' && userFor(assignedTo) === undefined) ||
        (typeof owner === 'string' && queueNameFor(owner, controller) === undefined)
      await Promise.all([users.refresh(isMissed), queuesOf(controller).refresh(isMissed)])
    },

    carrierFor: (controller) => {
      const asOutreach = (w: Value): Translation => {
        if (isBlank(w)) return { kind: 'value', value: null }
        const user = userFor(String(w))
        if (user !== undefined) return { kind: 'value', value: user.id }
        // Without the directory nobody can say that there is no such user.
        return users.known() === undefined
          ? unreadable
          : { kind: 'no-word', blankWhenChanged: true }
      }
      const asWorkbooks = (o: Value): Translation => {
        const name = isBlank(o) ? undefined : queueNameFor(String(o), controller)
        const isReadable = users.known() !== undefined && queuesOf(controller).known() !== undefined
        if (!isBlank(o) && !isReadable) return unreadable
        // A cleared owner has no queue either: Workbooks assigns every record to somebody.
        if (name === undefined) return { kind: 'no-word', blankWhenChanged: false }
        return { kind: 'value', value: name }
      }
      return { asOutreach, asWorkbooks, meansSame: (w, o) => meansSame(asOutreach(w), o) }
    },

    queueIdOf: (controller, name) =>
      queuesOf(controller)
        .known()
        ?.find((queue) => queue.name === name)?.id,
  }
}

const unreadable: Translation = {
  kind: 'cannot',
  why: 'users or queues could not be read; the log says why',
}

function meansSame(carried: Translation, o: Value): boolean {
  return carried.kind === 'value' && (isBlank(carried.value) ? isBlank(o) : carried.value === o)
}

function fullName(attributes: Readonly<Record<string, unknown>>): string | undefined {
  return toText(
    [attributes['firstName'], attributes['lastName']].map((part) => toText(part) ?? '').join(' '),
  )
}
