import { FORGET_QUARTERS_APART, MAKE_QUARTERS_APART } from '../../rows/window-cells.ts'
import type { Migration } from './migration.ts'

/** A new limit reads cells, and of the entries only those that cells have elsewhere. */
export const apart: Migration = { up: MAKE_QUARTERS_APART, down: FORGET_QUARTERS_APART }
