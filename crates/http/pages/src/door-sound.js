// What a scan sounds and feels like. No file is loaded: tones work without a network.

const KEY = 'stagedoor:door-sound';
/** The tones of each result: hertz and seconds. */
const TONES = { good: [[880, 0.12], [1320, 0.18]], note: [[660, 0.2], [660, 0.2]], error: [[220, 0.5]] };
const VIBRATIONS = { good: [80], note: [80, 80, 80], error: [400] };

let context;

export const isLoud = () => localStorage.getItem(KEY) !== 'off';

export function setLoud(loud) {
  localStorage.setItem(KEY, loud ? 'on' : 'off');
}

export function sound(kind) {
  navigator.vibrate?.(VIBRATIONS[kind]);
  if (!isLoud()) return;
  context ??= new AudioContext();
  let start = context.currentTime;
  for (const [frequency, seconds] of TONES[kind]) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(new GainNode(context, { gain: 0.3 })).connect(context.destination);
    tone.start(start);
    tone.stop(start + seconds * 0.8);
    start += seconds;
  }
}
