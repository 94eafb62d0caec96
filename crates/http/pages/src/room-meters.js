// Figures of the whole service from its metrics, read again and again.

/** The time for which refusals are counted, in milliseconds. */
const MINUTE = 60_000;

/** The sum of the samples of a metric whose labels fit. */
function sumOf(text, name, labels = '[^}]*') {
  const samples = text.matchAll(new RegExp(`^${name}(?:\\{${labels}\\})? (\\S+)$`, 'gm'));
  return [...samples].reduce((total, [, value]) => total + Number(value), 0);
}

/** The mean time of answers since the last reading, in milliseconds; nothing without an answer. */
function meanTime(before, read) {
  const answered = before ? read.count - before.count : 0;
  return answered > 0 ? Math.round(((read.seconds - before.seconds) / answered) * 10_000) / 10 : null;
}

/** A function that reads the metrics: `latency`, the mean time of answers, and `refused`, how many commands were refused in the last minute. */
export function metersOf(signal) {
  const readings = [];
  return async () => {
    const response = await fetch('/metrics', { signal }).catch(() => undefined);
    if (!response?.ok) return { latency: null, refused: null };
    const text = await response.text();
    const read = {
      at: Date.now(),
      seconds: sumOf(text, 'stagedoor_http_request_seconds_sum'),
      count: sumOf(text, 'stagedoor_http_request_seconds_count'),
      refused: sumOf(text, 'stagedoor_verdicts_total', '[^}]*outcome="(?:refused|overloaded)"[^}]*'),
    };
    const latency = meanTime(readings.at(-1), read);
    readings.push(read);
    while (readings[0].at < read.at - MINUTE) readings.shift();
    return { latency, refused: read.refused - readings[0].refused };
  };
}
