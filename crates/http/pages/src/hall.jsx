// One hall: the versions of its seat plan.

import { useState } from 'preact/hooks';
import { get, put } from './api.js';
import { number } from './format.js';
import { Icon } from './icons.jsx';
import { isManaged } from './managed-venue.js';
import { PlanFailure, PlanFileField, documentOf } from './plan-file.jsx';
import { t } from './text.js';
import { Form, Link, Notice, Table, say } from './ui.jsx';

/** The number of versions that are shown at once. */
const SHOWN = 20;

const Version = ({ hall, version, canEdit }) => {
  const name = t('hall.version', { n: number(version) });
  return (
    <tr>
      <th scope="row">{name}{version === hall.planVersion && <span class="tag good">{t('hall.newest')}</span>}</th>
      <td>
        <a class="button" href={`/api/v1/halls/${hall.id}/plans/${version}`} download={`plan-${version}.json`} aria-label={t('hall.exportOf', { version: name })}>
          <Icon name="download" />{t('hall.export')}
        </a>
      </td>
      <td>
        {canEdit && (
          <Link class="button" href={`/pages/halls/${hall.id}/plan?version=${version}`} aria-label={t('hall.editOf', { version: name })}>{t('hall.editCopy')}</Link>
        )}
      </td>
    </tr>
  );
};

function Versions({ hall, canEdit }) {
  const [shown, setShown] = useState(SHOWN);
  const versions = Array.from({ length: Math.min(shown, hall.planVersion) }, (_, index) => hall.planVersion - index);
  return (
    <section>
      <h2>{t('hall.versions')}</h2>
      <p class="quiet">{t('hall.versionsHow')}</p>
      <Table label={t('hall.versions')} columns={['hall.versions', 'hall.export', 'hall.editCopy']}>
        {versions.map((version) => <Version key={version} hall={hall} version={version} canEdit={canEdit} />)}
      </Table>
      {shown < hall.planVersion && <div class="more"><button type="button" onClick={() => setShown(shown + SHOWN)}>{t('more')}</button></div>}
    </section>
  );
}

/** Makes a new version of a file. */
function Import({ hall, setHall }) {
  const [text, setText] = useState();
  const take = async ({ file }) => {
    setText(undefined);
    const newest = await put(`/halls/${hall.id}/plan`, await documentOf(file));
    const said = t(newest.planVersion === hall.planVersion ? 'hall.same' : 'hall.imported', { n: number(newest.planVersion) });
    setHall(newest);
    setText(said);
    say(said);
  };
  return (
    <section class="card">
      <h2>{t('hall.import')}</h2>
      <p class="quiet">{t('hall.importHow')}</p>
      <Form submit={take} button={t('hall.import')} explain={PlanFailure}>
        <PlanFileField />
        {text && <Notice kind="good"><p>{text}</p></Notice>}
      </Form>
    </section>
  );
}

function View({ data: { hall: read, venue } }) {
  const [hall, setHall] = useState(read);
  const canEdit = isManaged(venue);
  return (
    <>
      <h1>{hall.name}</h1>
      <p><Link href={`/pages/venues/${venue.id}`}>{venue.name}</Link> · {t('hall.places', { n: number(hall.placeCount) })}</p>
      {canEdit && <p class="row"><Link class="button primary" href={`/pages/halls/${hall.id}/plan`}>{t('hall.edit')}</Link></p>}
      <Versions hall={hall} canEdit={canEdit} />
      {canEdit && <Import hall={hall} setHall={setHall} />}
    </>
  );
}

async function load({ params: [id], signal }) {
  const hall = await get(`/halls/${id}`, { signal });
  return { hall, venue: await get(`/venues/${hall.venueId}`, { signal }) };
}

export const hall = { load, View };
