import type { SpoolingSignals } from '../spooling-log.ts'
import type { SpoolSignals } from './spool.ts'

const nothing = () => {}

export const quietSignals: SpoolingSignals & SpoolSignals = {
  spoolEntered: nothing,
  spoolLeft: nothing,
  spooled: nothing,
  spoolRefused: nothing,
  spoolForwarded: nothing,
  spoolNotForwarded: nothing,
  spoolSetAside: nothing,
  spoolAdopted: nothing,
  spoolNotAdopted: nothing,
}
