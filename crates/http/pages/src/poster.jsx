// A concert's poster, or a picture made of its title.

/** A hue and an angle that belong to a title. */
function looksOf(title) {
  let hash = 7;
  for (const character of title) hash = (hash * 31 + character.codePointAt(0)) % 100_003;
  return { '--hue': hash % 360, '--turn': `${hash % 180}deg` };
}

/** Every concert has its own colours; the title says which one it is, so the picture itself says nothing. */
export function Poster({ concert: { title, poster } }) {
  if (poster) return <img class="poster" src={poster.url} width={poster.width} height={poster.height} alt="" loading="lazy" />;
  return (
    <div class="poster made" style={looksOf(title)} aria-hidden="true">
      <svg viewBox="0 0 120 80" preserveAspectRatio="xMidYMid slice">
        <circle cx="92" cy="22" r="34" /><circle cx="26" cy="70" r="26" /><path d="M-10 62 Q30 30 60 56 T130 40 V90 H-10z" />
      </svg>
      <span>{title}</span>
    </div>
  );
}
