// The outcome of saving a form, with the fields that another user changed meanwhile.

import { t } from './text.js';
import { Notice } from './ui.jsx';

/** `controls` are `Edits`; `refused` is the key of what they say when nothing was saved. */
export function Outcome({ controls, refused }) {
  const isRefused = controls.said === refused;
  return (
    <div role="status">
      {controls.said && <Notice kind={isRefused ? 'error' : 'good'} role={undefined}><p>{t(controls.said)}</p></Notice>}
      {controls.conflicts().map(([name, value]) => (
        <Notice key={name} kind="note">
          {t('date.changedElsewhere', { name: t(`field.${name}`), value: controls.shown(name, value) || t('actions.nothing') })}
        </Notice>
      ))}
    </div>
  );
}
