// Telling a user who does not look at the page that it is their turn.

import { Model } from './model.js';
import { t } from './text.js';

class Notifications extends Model {
  wanted = false;

  async toggle() {
    this.wanted = !this.wanted;
    this.changed();
    if (!this.wanted) return;
    // A page may only play a sound after the user's own click.
    this.audio ??= new AudioContext();
    await globalThis.Notification?.requestPermission();
  }

  chime() {
    for (const [pitch, at] of [[660, 0], [880, 0.25]]) {
      const tone = new OscillatorNode(this.audio, { frequency: pitch });
      const volume = new GainNode(this.audio, { gain: 0.2 });
      tone.connect(volume).connect(this.audio.destination);
      tone.start(this.audio.currentTime + at);
      tone.stop(this.audio.currentTime + at + 0.2);
    }
  }
}

export const notifications = new Notifications();

/** Says that it is the user's turn; with a sound and a notification, if they asked for it. */
export function announceTurn() {
  document.getElementById('status').textContent = t('line.yourTurn');
  document.title = `● ${t('line.yourTurn')}`;
  if (!notifications.wanted) return;
  notifications.chime();
  if (globalThis.Notification?.permission !== 'granted') return;
  try {
    const note = new Notification(t('line.yourTurn'), { tag: 'stagedoor' });
    note.addEventListener('click', () => { focus(); note.close(); });
  } catch (error) {
    // Android's browsers have no notifications by a page itself; the sound and the title tell it there.
    console.warn(error);
  }
}
