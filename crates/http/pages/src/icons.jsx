// Icons, drawn on a grid of 24 units with strokes.

const ICONS = {
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  ticket: 'M4 8a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v2a2 2 0 0 0 0 4v2a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-2a2 2 0 0 0 0-4zM14 6v2m0 3v2m0 3v2',
  calendar: 'M5 6h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM4 11h16M8 3v4m8-4v4',
  clock: 'M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16zM12 8v4l3 2',
  person: 'M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM5 20c.5-4 3.500-5.500 7-5.500s6.500 1.500 7 5.500',
  sun: 'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM12 3v2m0 14v2M3 12h2m14 0h2M5.600 5.600L7 7m10 10l1.400 1.400M5.600 18.400L7 17M17 7l1.400-1.400',
  moon: 'M20 14.500A8 8 0 0 1 9.500 4a8 8 0 1 0 10.500 10.500z',
  auto: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  alert: 'M12 4L3 20h18zM12 10v4m0 3v.01',
  info: 'M12 4a8 8 0 1 0 0 16a8 8 0 0 0 0-16zM12 11v5m0-8v.01',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  pause: 'M8 5v14M16 5v14',
  seat: 'M7 4v8h10V4M5 10v5h14v-5M7 15v5m10-5v5',
  wallet: 'M4 7a2 2 0 0 1 2-2h11v3M4 7v10a2 2 0 0 0 2 2h13a1 1 0 0 0 1-1V9a1 1 0 0 0-1-1H5a1 1 0 0 1-1-1zM16 13.500v.01',
  arrow: 'M5 12h14m-6-6l6 6l-6 6',
  back: 'M19 12H5m6-6l-6 6l6 6',
  place: 'M12 21c-4-4.500-6.500-8-6.500-11a6.500 6.500 0 0 1 13 0c0 3-2.500 6.500-6.500 11zM12 8a2 2 0 1 0 0 4a2 2 0 0 0 0-4z',
  search: 'M11 5a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM15.500 15.500L20 20',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  download: 'M12 4v11m-5-5l5 5l5-5M5 20h14',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  undo: 'M8 5L4 9l4 4M4 9h9a6 6 0 0 1 0 12h-3',
  redo: 'M16 5l4 4l-4 4M20 9h-9a6 6 0 0 0 0 12h3',
  turnLeft: 'M4 4v5h5M4.700 9A8 8 0 1 1 4 13',
  turnRight: 'M20 4v5h-5M19.300 9A8 8 0 1 0 20 13',
  accessible: 'M11 4v.01M11 8v6h5l3 5M11 10h5M8 12a5 5 0 1 0 7 6',
  whole: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
};

export const Icon = ({ name }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={ICONS[name]} /></svg>
);
