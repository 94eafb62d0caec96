// The camera of the device, which looks for codes.

import { useEffect, useRef, useState } from 'preact/hooks';
import { pause } from './api.js';
import { script } from './scripts.js';
import { t } from './text.js';
import { Notice } from './ui.jsx';

/** How often a picture is looked at, in milliseconds. */
const EVERY = 150;

const readDecoder = script(() => import('./decoder-page.js'));

/** What reads QR codes: the browser, or else a library. */
async function detector() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  const Detector = formats?.includes('qr_code') ? globalThis.BarcodeDetector : (await readDecoder()).BarcodeDetector;
  return new Detector({ formats: ['qr_code'] });
}

/** Loads what the camera will need, while there is a network. */
export const prepareCamera = () => detector().catch((error) => console.warn(error));

/** Why there is no picture, in words. */
const troubleOf = ({ name }) => t(name === 'NotAllowedError' ? 'door.cameraRefused' : 'door.noCamera');

/** Looks at the pictures of a video until it is stopped. A picture that cannot be read is passed over: the next one follows. */
async function look(video, signal, onCode) {
  const reader = await detector();
  while (!signal.aborted) {
    const codes = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await reader.detect(video).catch(() => []) : [];
    if (codes.length && !signal.aborted) await onCode(codes[0].rawValue);
    await pause(EVERY);
  }
}

/** The picture of the camera; `onCode` gets each code that it sees. */
function Picture({ onCode, onTrouble }) {
  const video = useRef();
  const [track, setTrack] = useState();
  const [isLit, setLit] = useState(false);
  const latest = useRef(onCode);
  latest.current = onCode;
  useEffect(() => {
    const gone = new AbortController();
    const stopped = (stream) => stream.getTracks().forEach((known) => known.stop());
    navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } }).then(async (stream) => {
      if (gone.signal.aborted) return stopped(stream);
      gone.signal.addEventListener('abort', () => stopped(stream));
      video.current.srcObject = stream;
      setTrack(stream.getVideoTracks()[0]);
      await video.current.play();
      return look(video.current, gone.signal, (code) => latest.current(code));
    }).catch((error) => { if (!gone.signal.aborted) onTrouble(troubleOf(error)); });
    return () => gone.abort();
  }, []);
  const hasTorch = track?.getCapabilities?.().torch;
  const light = async () => {
    await track.applyConstraints({ advanced: [{ torch: !isLit }] });
    setLit(!isLit);
  };
  return (
    <>
      <video ref={video} class="finder" muted playsInline aria-label={t('door.picture')} />
      {hasTorch && <button type="button" class="huge" aria-pressed={isLit} onClick={light}>{t('door.torch')}</button>}
    </>
  );
}

export function Camera({ disabled, onStart, onCode }) {
  const [isOn, setOn] = useState(false);
  const [trouble, setTrouble] = useState();
  const start = () => {
    onStart();
    setTrouble(navigator.mediaDevices ? undefined : t('door.noCamera'));
    setOn(Boolean(navigator.mediaDevices));
  };
  const stop = (why) => {
    setOn(false);
    setTrouble(why);
  };
  return (
    <>
      {isOn && <Picture onCode={onCode} onTrouble={stop} />}
      {trouble && <Notice kind="error"><p>{trouble}</p></Notice>}
      <button type="button" class={`huge wide ${isOn ? '' : 'primary'}`} disabled={disabled} onClick={() => (isOn ? stop() : start())}>
        {t(isOn ? 'door.stop' : 'door.start')}
      </button>
    </>
  );
}
