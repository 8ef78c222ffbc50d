import { copyText } from '../lib/copy.ts'
import { pageHref } from '../lib/location.ts'
import { type Preset, PRESETS, type Range } from '../lib/range.ts'
import { useServices } from '../lib/services.ts'
import { rangeText, zoneOffset } from '../lib/time.ts'
import { asParameters, choosePreset, moveRange } from '../lib/use-range.ts'
import { useShortcuts } from '../lib/use-shortcuts.ts'
import { IconButton } from './icon-button.tsx'
import { ChevronLeftIcon, ChevronRightIcon, LinkIcon } from './icons.tsx'
import { Segments } from './segments.tsx'

const TITLES: Record<Preset, { title: string; hint: string }> = {
  today: { title: 'Today', hint: 'Since midnight' },
  '24h': { title: '24 h', hint: 'The last 24 hours' },
  '7d': { title: '7 d', hint: 'Today and the six days before' },
  '30d': { title: '30 d', hint: 'Today and the 29 days before' },
  month: { title: 'Month', hint: 'Since the first of the month' },
}
const OPTIONS = PRESETS.map((value) => ({ value, ...TITLES[value] }))

const ANY_TIME = { value: 'any', title: 'All', hint: 'Any time' } as const

interface RangePickerProps {
  range: Range
  /** Whether the page can also tell of all time, and does. */
  anyTime?: boolean
  isAnyTime?: boolean
}

/** Which time the page tells of. It is in the address, and goes along to the other pages. */
export function RangePicker({ range, anyTime = false, isAnyTime = false }: RangePickerProps) {
  const { zone, announce } = useServices()
  const move = (direction: 1 | -1) => moveRange(range, direction, zone)
  useShortcuts({ '[': () => move(-1), ']': () => move(1) })
  const copyLink = async () => {
    const parameters = { ...Object.fromEntries(new URLSearchParams(location.search)), range: null }
    const href = pageHref(location.pathname, { ...parameters, ...(!isAnyTime && asParameters(range)), zone })
    announce((await copyText(location.origin + href)) ? 'Copied a link to this view' : 'The browser refused to copy')
  }
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 max-sm:w-full max-sm:justify-between max-sm:gap-x-0">
      <Segments<Preset | 'any'>
        label="Range"
        onChange={(value) => choosePreset(value === 'any' ? null : value)}
        options={anyTime ? [ANY_TIME, ...OPTIONS] : OPTIONS}
        value={isAnyTime ? 'any' : range.preset}
      />
      <div className="flex items-center">
        {!isAnyTime && (
          <>
            <IconButton label="Earlier range" onPress={() => move(-1)}>
              <ChevronLeftIcon />
            </IconButton>
            <IconButton label="Later range" onPress={() => move(1)}>
              <ChevronRightIcon />
            </IconButton>
          </>
        )}
        <IconButton className="max-sm:hidden" label="Copy a link to exactly this view" onPress={() => void copyLink()}>
          <LinkIcon />
        </IconButton>
      </div>
    </div>
  )
}

/** "22 Nov 00:00 – now · Europe/Amsterdam, UTC+1". */
export function RangeNote({ range }: { range: Range }) {
  const { zone } = useServices()
  return (
    <span className="tabular-nums">
      {rangeText(range, zone)} · {zone === 'UTC' ? zone : `${zone}, ${zoneOffset(zone, range.toMs - 1)}`}
    </span>
  )
}
