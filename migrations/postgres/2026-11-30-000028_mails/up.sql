-- Whether the address is confirmed to be the user's, and the language of e-mails.
ALTER TABLE users ADD COLUMN email_verified_at timestamptz;
ALTER TABLE users ADD COLUMN language text NOT NULL DEFAULT 'ko' CHECK (language IN ('ko', 'en'));

-- E-mails. `subject_id` is a reservation or a ticket, and `number` the one of its event or of a version of its schedule; for
-- e-mails about an account they are the user, and the number of a minute and a kind. `due_at` is when the next attempt is due, or when another process may take over the
-- one that is made.
CREATE TABLE mails (
    subject_id uuid NOT NULL,
    number bigint NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'SENT', 'FAILED')),
    due_at timestamptz,
    attempts integer NOT NULL CHECK (attempts >= 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (subject_id, number),
    CHECK ((state = 'OPEN') = (due_at IS NOT NULL))
);
CREATE INDEX mails_due ON mails (due_at) WHERE state = 'OPEN';
CREATE INDEX mails_made ON mails (created_at);

-- Tokens of links in e-mails: their SHA-256 digests. The tokens themselves are kept nowhere.
CREATE TABLE mail_tokens (
    digest text PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    kind text NOT NULL,
    session_version bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX mail_tokens_expiring ON mail_tokens (expires_at);

-- The holders of reservations up to this id have been told that the date was moved; null once all have.
ALTER TABLE schedules ADD COLUMN move_told_to uuid;
CREATE INDEX schedules_untold ON schedules (id) WHERE move_told_to IS NOT NULL;
