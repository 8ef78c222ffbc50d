import { expect, test } from 'vitest'
import { boundOf } from './bound.ts'

const IDLE = {
  ...{ gatewayBusy: 0.2, gatewaysBusy: 0.4, databaseBusy: 0.1, harnessBusy: 0.2, othersBusy: 0 },
  ...{ committing: 0.3, connections: 32 },
}

test.each([
  ['the load generator', { harnessBusy: 0.95 }],
  ["a gateway's processor", { gatewayBusy: 0.95, gatewaysBusy: 0.95 }],
  ['all cores of this machine', { gatewayBusy: 0.6, gatewaysBusy: 1.2, databaseBusy: 0.5 }],
  ['one call at a time', { connections: 1, committing: 0.95 }],
  ['commits in turn', { committing: 0.95 }],
  ['waiting in between', {}],
])('what bounds a rate is what is busy first: %s', (bound, busy) => {
  expect(boundOf({ ...IDLE, ...busy }, 2)).toBe(bound)
})
