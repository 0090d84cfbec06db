import type { Migration } from './migrations.ts'

/** Every table, in the order of its making. A migration that has landed is never changed. */
export const migrations: readonly Migration[] = [
  {
    id: '0001-pairs',
    statements: [
      // `memory` is what the sync knows of the pair (consumers/sync/memory.ts), as JSON.
      `CREATE TABLE pairs (
         kind TEXT NOT NULL,
         workbooks_id TEXT NOT NULL,
         outreach_id TEXT NOT NULL,
         status TEXT NOT NULL,
         closed_why TEXT,
         made_from TEXT NOT NULL,
         id_seen BIGINT NOT NULL,
         memory TEXT NOT NULL,
         changed_at BIGINT NOT NULL,
         PRIMARY KEY (kind, workbooks_id, outreach_id))`,
      // A record has at most one partner (rulebook 4), whatever a race tries.
      `CREATE UNIQUE INDEX pairs_one_outreach ON pairs (kind, workbooks_id) WHERE status = 'linked'`,
      `CREATE UNIQUE INDEX pairs_one_workbooks ON pairs (kind, outreach_id) WHERE status = 'linked'`,
      `CREATE INDEX pairs_by_outreach ON pairs (kind, outreach_id)`,
      `CREATE TABLE intents (
         kind TEXT NOT NULL,
         source TEXT NOT NULL,
         source_id TEXT NOT NULL,
         at BIGINT NOT NULL,
         looked_at BIGINT,
         content TEXT NOT NULL,
         PRIMARY KEY (kind, source, source_id))`,
    ],
  },
  {
    id: '0002-outcomes',
    statements: [
      `CREATE TABLE outcomes (
         id TEXT PRIMARY KEY,
         at BIGINT NOT NULL,
         record TEXT NOT NULL,
         published BIGINT NOT NULL,
         body TEXT NOT NULL)`,
      `CREATE INDEX outcomes_unpublished ON outcomes (id) WHERE published = 0`,
      `CREATE INDEX outcomes_by_time ON outcomes (at)`,
      `CREATE TABLE outcome_records (
         record TEXT NOT NULL,
         id TEXT NOT NULL,
         at BIGINT NOT NULL,
         PRIMARY KEY (record, id))`,
      `CREATE INDEX outcome_records_by_time ON outcome_records (at)`,
      // Workbooks records whose Outreach Sync Error we set, until one of them is synchronised again.
      `CREATE TABLE flagged (kind TEXT NOT NULL, workbooks_id TEXT NOT NULL, PRIMARY KEY (kind, workbooks_id))`,
    ],
  },
  {
    id: '0003-waiting',
    statements: [
      `CREATE TABLE parked (
         record TEXT PRIMARY KEY,
         kind TEXT NOT NULL,
         reason TEXT NOT NULL,
         cause TEXT NOT NULL,
         attempts BIGINT NOT NULL,
         since BIGINT NOT NULL,
         due BIGINT NOT NULL,
         revision BIGINT NOT NULL,
         hint TEXT NOT NULL)`,
      `CREATE INDEX parked_by_due ON parked (due)`,
      `CREATE TABLE pauses (
         what TEXT PRIMARY KEY,
         cause TEXT NOT NULL,
         reason TEXT NOT NULL,
         since BIGINT NOT NULL)`,
      `CREATE TABLE deletions (kind TEXT NOT NULL, at BIGINT NOT NULL)`,
      `CREATE INDEX deletions_by_time ON deletions (kind, at)`,
    ],
  },
  {
    id: '0004-process',
    statements: [
      `CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
      `CREATE TABLE calls (
         system TEXT NOT NULL,
         hour BIGINT NOT NULL,
         lane TEXT NOT NULL,
         count BIGINT NOT NULL,
         PRIMARY KEY (system, hour, lane))`,
      `CREATE TABLE audit (
         id TEXT PRIMARY KEY,
         at BIGINT NOT NULL,
         who TEXT NOT NULL,
         verb TEXT NOT NULL,
         what TEXT NOT NULL)`,
      `CREATE TABLE used_tokens (jti TEXT PRIMARY KEY, until BIGINT NOT NULL)`,
      `CREATE INDEX used_tokens_by_time ON used_tokens (until)`,
    ],
  },
  {
    id: '0005-spool',
    statements: [
      // What a process answered while the log was away (event-log/spool/table-store.ts); body in base64.
      `CREATE TABLE spool (
         owner TEXT NOT NULL,
         sequence BIGINT NOT NULL,
         held_at BIGINT NOT NULL,
         bytes BIGINT NOT NULL,
         body TEXT NOT NULL,
         PRIMARY KEY (owner, sequence))`,
      `CREATE TABLE spool_owners (owner TEXT PRIMARY KEY, seen_at BIGINT NOT NULL)`,
      // What the log refused for good, for people to look at.
      `CREATE TABLE spool_aside (
         id TEXT PRIMARY KEY,
         at BIGINT NOT NULL,
         why TEXT NOT NULL,
         body TEXT NOT NULL)`,
    ],
  },
  {
    id: '0006-relations',
    statements: [
      // Who waits for whom: every parent that a linked pair names, by one of its fields, on either side.
      `CREATE TABLE relations (
         child TEXT NOT NULL,
         field TEXT NOT NULL,
         parent TEXT NOT NULL,
         PRIMARY KEY (child, field, parent))`,
      `CREATE INDEX relations_by_parent ON relations (parent, child)`,
      // A parent that was linked, until every child that must follow it has been asked for.
      `CREATE TABLE wakes (
         workbooks TEXT NOT NULL,
         outreach TEXT NOT NULL,
         reached TEXT NOT NULL,
         since BIGINT NOT NULL,
         claimed_until BIGINT NOT NULL,
         PRIMARY KEY (workbooks, outreach))`,
    ],
  },
  {
    id: '0007-leases',
    statements: [
      // Who works on a parked row, until when (epoch ms): of many processes one at a time.
      `ALTER TABLE parked ADD COLUMN leased_until BIGINT NOT NULL DEFAULT 0`,
      `ALTER TABLE parked ADD COLUMN leased_by TEXT`,
    ],
  },
  {
    id: '0008-flag-times',
    statements: [
      // When a record was flagged, and why: too many of one cause within a minute are a set-up fault.
      `CREATE TABLE flag_times (kind TEXT NOT NULL, cause TEXT NOT NULL, at BIGINT NOT NULL)`,
      `CREATE INDEX flag_times_by_cause ON flag_times (kind, cause)`,
    ],
  },
  {
    id: '0009-versions',
    statements: [
      // Which version of each record the sync has handled, and which a poller has put in the log since.
      `CREATE TABLE versions (
         system TEXT NOT NULL,
         type TEXT NOT NULL,
         id TEXT NOT NULL,
         handled TEXT,
         published TEXT,
         at BIGINT NOT NULL,
         PRIMARY KEY (system, type, id))`,
    ],
  },
  {
    id: '0010-polling',
    statements: [
      // How far each list of a system was asked for changes; `position` is the poller's own, as JSON.
      `CREATE TABLE cursors (
         system TEXT NOT NULL,
         kind TEXT NOT NULL,
         resource TEXT NOT NULL,
         at BIGINT NOT NULL,
         is_slow BIGINT NOT NULL,
         position TEXT NOT NULL,
         PRIMARY KEY (system, kind, resource))`,
      // The intervals of each system so far, and when the last one began (epoch ms).
      `CREATE TABLE poll_rounds (system TEXT PRIMARY KEY, round BIGINT NOT NULL, began_at BIGINT NOT NULL)`,
      // Intervals that were asked for and have not ended; an empty kind means all.
      `CREATE TABLE poll_requests (
         id TEXT PRIMARY KEY,
         system TEXT NOT NULL,
         kind TEXT NOT NULL,
         at BIGINT NOT NULL)`,
    ],
  },
  {
    id: '0011-misses',
    statements: [
      // What senders told, one row an event, and what a poller found (state/misses.ts).
      `CREATE TABLE announcements (
         id TEXT PRIMARY KEY,
         resource TEXT NOT NULL,
         record TEXT NOT NULL,
         at BIGINT NOT NULL,
         version BIGINT,
         kept_at BIGINT NOT NULL)`,
      `CREATE INDEX announcements_by_record ON announcements (record)`,
      `CREATE INDEX announcements_by_time ON announcements (kept_at)`,
      `CREATE TABLE finds (
         resource TEXT NOT NULL,
         record TEXT NOT NULL,
         version TEXT NOT NULL,
         changed_at BIGINT NOT NULL,
         found_at BIGINT NOT NULL,
         missed BIGINT,
         delay_ms BIGINT,
         decided_at BIGINT,
         PRIMARY KEY (resource, record, version, changed_at))`,
      `CREATE INDEX finds_undecided ON finds (found_at) WHERE missed IS NULL`,
      `CREATE INDEX finds_by_time ON finds (found_at)`,
    ],
  },
  {
    id: '0012-backfills',
    statements: [
      // Many records that are asked for page by page; `position` is the worker's own.
      `CREATE TABLE backfills (
         id TEXT PRIMARY KEY,
         kind TEXT NOT NULL,
         what TEXT NOT NULL,
         is_plan BIGINT NOT NULL,
         state TEXT NOT NULL,
         records BIGINT,
         done BIGINT NOT NULL,
         calls BIGINT,
         seconds BIGINT,
         position TEXT NOT NULL,
         ordered_at BIGINT NOT NULL,
         began_at BIGINT,
         claimed_by TEXT,
         claimed_until BIGINT NOT NULL)`,
      // Of a kind one at a time; a plan disturbs nobody.
      `CREATE UNIQUE INDEX backfills_one_of_a_kind ON backfills (kind, what)
         WHERE is_plan = 0 AND what = 'unlinked' AND state IN ('ordered', 'running')`,
    ],
  },
  {
    id: '0013-handlings',
    statements: [
      // How often the sync has handled a record: what a poller compared meanwhile is not noted over that.
      `ALTER TABLE versions ADD COLUMN handlings BIGINT NOT NULL DEFAULT 0`,
    ],
  },
]
