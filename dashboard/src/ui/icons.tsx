import type { ReactNode } from 'react'

/** 16 px line icons. They say nothing by themselves: the control around them has the name. */
function icon(children: ReactNode) {
  return function Icon({ className = 'size-4' }: { className?: string }) {
    return (
      <svg
        aria-hidden="true"
        className={`shrink-0 ${className}`}
        fill="none"
        stroke="currentColor"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth="1.5"
        viewBox="0 0 16 16"
      >
        {children}
      </svg>
    )
  }
}

export const CopyIcon = icon(
  <>
    <rect height="8.5" rx="1.75" width="8.5" x="5.5" y="5.5" />
    <path d="M10.5 2.75H4A1.25 1.25 0 0 0 2.75 4v6.5" />
  </>,
)
export const CheckIcon = icon(<path d="m3 8.5 3.25 3.25L13 4.75" />)
export const PencilIcon = icon(<path d="m10.75 2.75 2.5 2.5-7.5 7.5-3.25.75.75-3.25zM9 4.5 11.5 7" />)
export const PlusIcon = icon(<path d="M8 3v10M3 8h10" />)
export const ArrowUpIcon = icon(<path d="M8 13V3M4 7l4-4 4 4" />)
export const CloseIcon = icon(<path d="m4 4 8 8m0-8-8 8" />)
export const AlertIcon = icon(<path d="M8 2.25 14.25 13H1.75zM8 6.5v3m0 1.75v.01" />)
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1.25m0 10.5v1.25M1.5 8h1.25m10.5 0h1.25M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9" />
  </>,
)
export const MoonIcon = icon(<path d="M13.25 9.75A5.75 5.75 0 0 1 6.25 2.75a5.75 5.75 0 1 0 7 7z" />)
export const SystemIcon = icon(
  <>
    <rect height="8" rx="1.5" width="12.5" x="1.75" y="2.75" />
    <path d="M5.5 13.25h5" />
  </>,
)
export const SignOutIcon = icon(
  <path d="M6.25 2.75h-2A1.5 1.5 0 0 0 2.75 4.25v7.5a1.5 1.5 0 0 0 1.5 1.5h2M10.5 11l3-3-3-3m3 3H6.5" />,
)
export const ChevronLeftIcon = icon(<path d="m9.75 3.5-4.5 4.5 4.5 4.5" />)
export const ChevronRightIcon = icon(<path d="m6.25 3.5 4.5 4.5-4.5 4.5" />)
export const LinkIcon = icon(
  <path d="M6.75 9.25a2.75 2.75 0 0 0 3.9 0l2.1-2.1a2.76 2.76 0 0 0-3.9-3.9l-.85.85m1.25 2.65a2.75 2.75 0 0 0-3.9 0l-2.1 2.1a2.76 2.76 0 0 0 3.9 3.9l.85-.85" />,
)
export const OverviewIcon = icon(<path d="M2.75 13.25v-4m3.5 4V2.75m3.5 10.5v-6m3.5 6V5.25" />)
export const UsersIcon = icon(
  <path d="M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM1.75 13.25a4.25 4.25 0 0 1 8.5 0M10.75 3.2a2.25 2.25 0 0 1 0 4.1m1.1 2.15a4.25 4.25 0 0 1 2.4 3.8" />,
)
export const RequestsIcon = icon(<path d="M2.5 4h11m-11 4h11m-11 4h7" />)
export const LimitsIcon = icon(<path d="M2.25 12a6 6 0 1 1 11.5 0M8 10l2.75-3.75" />)
export const BellIcon = icon(
  <path d="M3.25 11.25h9.5c-.9-.9-1.25-2-1.25-4.25a3.5 3.5 0 0 0-7 0c0 2.25-.35 3.35-1.25 4.25zM6.75 13.5a1.4 1.4 0 0 0 2.5 0" />,
)
export const ProvidersIcon = icon(
  <>
    <rect height="4.5" rx="1.25" width="11.5" x="2.25" y="2.75" />
    <rect height="4.5" rx="1.25" width="11.5" x="2.25" y="8.75" />
    <path d="M5 5h.01M5 11h.01" />
  </>,
)
export const CollapseIcon = icon(
  <>
    <rect height="11" rx="1.5" width="12" x="2" y="2.5" />
    <path d="M6 2.5v11" />
  </>,
)
export const KeyboardIcon = icon(
  <>
    <rect height="8" rx="1.5" width="13" x="1.5" y="4" />
    <path d="M4.25 6.75h.01m2.49 0h.01m2.49 0h.01m2.49 0h.01M5.5 9.5h5" />
  </>,
)
export const InfoIcon = icon(
  <>
    <circle cx="8" cy="8" r="6.25" />
    <path d="M8 7.25V11m0-6v.01" />
  </>,
)
export const ChevronDownIcon = icon(<path d="m3.5 6.25 4.5 4.5 4.5-4.5" />)
