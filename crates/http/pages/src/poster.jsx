// A concert's poster, or a picture made of its title.

import { useEffect, useRef } from 'preact/hooks';
import { useModel, useSeen } from './hooks.js';
import { rest } from './rest.js';

/** Shapes of made pictures, on a ground of 120 to 80 units: moons and a hill, lamps of a stage, rings of a record, keys. */
const MOTIFS = [
  'M58 22a34 34 0 1 0 68 0a34 34 0 1 0-68 0zM0 70a26 26 0 1 0 52 0a26 26 0 1 0-52 0zM-10 62Q30 30 60 56T130 40V90H-10z',
  'M14-20L-30 110H34zM62-20L30 110H100zM112-20L92 110H170z',
  'M92-30a58 58 0 1 0 .1 0zM92-14a42 42 0 1 1-.1 0zM92 2a26 26 0 1 0 .1 0zM92 18a10 10 0 1 1-.1 0z',
  'M-10 8H70V14H-10zM-10 26H96V32H-10zM-10 44H58V50H-10zM-10 62H84V68H-10zM96 60a12 12 0 1 0 24 0V8H114V50a12 12 0 0 0-18 10z',
];

/** A hue, an angle and a motif that belong to a title. */
function looksOf(title) {
  let hash = 7;
  for (const character of title) hash = (hash * 31 + character.codePointAt(0)) % 100_003;
  return { style: { '--hue': hash % 360, '--turn': `${hash % 180}deg` }, motif: MOTIFS[hash % MOTIFS.length] };
}

/** The width of a poster in a list. */
const IN_CARDS = '20rem';
/** The widest image of a poster that lists load, in pixels. */
const IN_CARDS_MAX = 640;
/** How much of the place of a poster must be in sight before it is loaded. */
const SEEN_MIN = 0.4;

/** The width of the image that a list loads first, in pixels. */
const FIRST = 160;
/**
 * The poster of a concert in a list: it is loaded when it is in sight, which the browser itself does far earlier. With `turn`, the first view of a page
 * has a small image of those whose turn is `first`, and a made picture in the place of the others.
 */
export function CardPoster({ concert: { title, poster }, turn }) {
  useModel(rest);
  const place = useRef();
  const isSeen = useSeen(place, SEEN_MIN);
  useEffect(() => rest.enter(), []);
  const isWhole = !turn || rest.isAtRest;
  const isShown = isSeen && (isWhole || turn === 'first');
  const shown = { title, poster: isShown ? poster : undefined };
  return <div ref={place}><Poster concert={shown} widest={isWhole ? IN_CARDS_MAX : FIRST} onLoad={() => rest.wait()} /></div>;
}

/** The turns of the posters of a list: the first `most` of them are loaded with the first view. */
export const turnOf = (index, most) => (index < most ? 'first' : 'later');

/** Every concert has its own colours; the title says which one it is, so the picture itself says nothing. */
export function Poster({ concert: { title, poster }, sizes = IN_CARDS, widest = Infinity, ...attributes }) {
  if (poster) {
    const images = poster.images.filter(({ width }, index) => !index || width <= widest);
    const set = images.map(({ url, width }) => `${url} ${width}w`);
    return <img class="poster" src={images.at(-1).url} srcset={set.join(', ')} sizes={sizes} width={poster.width} height={poster.height} alt="" {...attributes} />;
  }
  const { style, motif } = looksOf(title);
  return (
    <div class="poster made" style={style} aria-hidden="true">
      <svg viewBox="0 0 120 80" preserveAspectRatio="xMidYMid slice"><path fill-rule="evenodd" d={motif} /></svg>
      <span>{title}</span>
    </div>
  );
}
