// The header of every page: navigation, language, theme, session.

import { useEffect, useState } from 'preact/hooks';
import { useAction } from './hooks.js';
import { Icon } from './icons.jsx';
import { go, router } from './router.js';
import { signOut, signedIn } from './session.js';
import { language, switchLanguage, t } from './text.js';
import { switchTheme, theme } from './theme.js';
import { Failure, Link } from './ui.jsx';

const DOORS = ['/pages/door', 'nav.door'];
/** What only some users see, by their role. */
const BACKSTAGE = {
  OPERATOR: [['/pages/rooms', 'nav.rooms'], ['/pages/orders', 'nav.orders'], ['/pages/venues', 'nav.venues'], ['/pages/people', 'nav.people'], DOORS, ['/pages/operator-actions', 'nav.actions']],
  ORGANIZER: [['/pages/organize/concerts', 'nav.ownConcerts'], ['/pages/organize', 'nav.organize'], ['/pages/venues', 'nav.venues'], DOORS],
  DOOR: [DOORS],
};
const OF_USERS = [['/pages/tickets', 'nav.tickets'], ['/pages/points', 'nav.points'], ['/pages/account', 'nav.account']];
const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' };

const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="#5b2a86" />
    <path d="M9 26V9a7 7 0 0 1 14 0v17" fill="none" stroke="#fff" stroke-width="3" /><circle cx="19" cy="18" r="1.8" fill="#fff" />
  </svg>
);

const NavLink = ({ href, children }) => (
  <Link href={href} aria-current={location.pathname === href ? 'page' : undefined}>{children}</Link>
);

function Theme() {
  const [chosen, setChosen] = useState(theme());
  const change = () => {
    switchTheme();
    setChosen(theme());
  };
  const name = t('nav.theme', { theme: t(`theme.${chosen}`) });
  return <button type="button" class="iconic" aria-label={name} title={name} onClick={change}><Icon name={THEME_ICONS[chosen]} /><span class="in-menu">{name}</span></button>;
}

export function Header() {
  const user = signedIn();
  const [isOpen, setOpen] = useState(false);
  const { run: leave, busy, error } = useAction(async () => {
    await signOut();
    await go('/');
  });
  const other = language() === 'en' ? 'ko' : 'en';
  useEffect(() => setOpen(false), [router.serial]);
  const links = [['/', 'nav.concerts'], ...(user ? OF_USERS : []), ...(BACKSTAGE[user?.role] ?? [])];
  return (
    <header class="bar" onKeyDown={({ key }) => { if (key === 'Escape') setOpen(false); }}>
      <Link class="brand" href="/"><Logo />Stagedoor</Link>
      <button type="button" class="menu iconic" aria-expanded={isOpen} aria-controls="nav" onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'close' : 'menu'} /><span>{t('nav.menu')}</span>
      </button>
      <nav id="nav" class={isOpen ? 'open' : undefined} aria-label="Stagedoor">
        {links.map(([path, key]) => <NavLink key={path} href={path}>{t(key)}</NavLink>)}
        <span class="fill" />
        <button type="button" lang={other} onClick={switchLanguage}>{t('nav.language')}</button>
        <Theme />
        {user
          ? <button type="button" disabled={busy} onClick={leave}>{t('nav.signOut')}</button>
          : <NavLink href="/pages/sign-in">{t('nav.signIn')}</NavLink>}
      </nav>
      {error && <Failure error={error} />}
    </header>
  );
}
